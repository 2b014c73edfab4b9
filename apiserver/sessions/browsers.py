"""What a browser is called that sends a User-Agent (RFC 9110 section 10.1.5).

It may say what it likes: the name is for a person who knows their own browsers, and
decides nothing.
"""

import re

# The first that is said counts: most say Chrome or Safari, too.
BROWSERS = {
    "Edg": "Edge",
    "EdgA": "Edge",
    "EdgiOS": "Edge",
    "OPR": "Opera",
    "Vivaldi": "Vivaldi",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chromium": "Chromium",
    "HeadlessChrome": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
# Android says Linux, too, and an iPhone that it is like a Mac.
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Macintosh": "macOS",
    "Linux": "Linux",
}
UNKNOWN = "Unknown browser"

_PRODUCT = re.compile(r"([A-Za-z][A-Za-z-]{0,39})/[0-9]")
_WORD = re.compile(r"[A-Za-z]+")


def name_of(user_agent: str) -> str:
    """Return a short name: ``Firefox on Linux``, ``curl``, ``Unknown browser``."""
    products = _PRODUCT.findall(user_agent)
    words = set(_WORD.findall(user_agent))
    # Every browser says that it is Mozilla.
    others = [product for product in products if product != "Mozilla"]
    known = [name for product, name in BROWSERS.items() if product in products]
    browser = next(iter([*known, *others]), UNKNOWN)
    system = next((name for word, name in SYSTEMS.items() if word in words), None)
    return browser if system is None else f"{browser} on {system}"
