"""Names of browsers, by their User-Agent (RFC 9110 section 10.1.5).

Browsers can claim anything: the name helps people recognize their own, and nothing
depends on it.
"""

import re

# The first match counts: most also claim to be Chrome or Safari.
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
# Android also says Linux, and an iPhone claims to be like a Mac.
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
    # Every browser claims to be Mozilla.
    others = [product for product in products if product != "Mozilla"]
    known = [name for product, name in BROWSERS.items() if product in products]
    browser = next(iter([*known, *others]), UNKNOWN)
    system = next((name for word, name in SYSTEMS.items() if word in words), None)
    return browser if system is None else f"{browser} on {system}"
