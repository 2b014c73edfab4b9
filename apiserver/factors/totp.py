"""Time-based codes of apps (RFC 6238): 6 digits for 30 seconds, SHA-1.

All apps support these parameters, and many support no others.
"""

import hmac
from datetime import datetime
from importlib import import_module
from typing import Any

from pyotp import TOTP, random_base32

STEP = 30
# The number of steps by which a clock may be wrong (RFC 6238 section 5.2).
SKEW = 1


def new_secret() -> str:
    """Return 160 random bits in base32 (RFC 4226 section 4)."""
    return random_base32()


def uri_of(secret: str, *, username: str, title: str) -> str:
    """Return the URI that an app reads: ``otpauth://totp/…``."""
    return TOTP(secret).provisioning_uri(name=username, issuer_name=title)


def grouped(secret: str) -> str:
    """Return a secret in groups of four, for typing."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def matching_step(secret: str, code: str, moment: datetime) -> int | None:
    """Return the time step of this code; None if it isn't valid now."""
    if not (code.isascii() and code.isdigit()):
        return None
    totp = TOTP(secret)
    current = int(moment.timestamp()) // STEP
    found = None
    for step in range(current - SKEW, current + SKEW + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


def drawn(uri: str) -> Any:
    return import_module("segno").make(uri, error="m", micro=False)


def inline_svg(uri: str) -> str:
    """Return the QR code as an SVG element: black on white, even in dark mode."""
    svg: str = drawn(uri).svg_inline(omitsize=True, border=4, light="#fff")
    return svg


def data_uri(uri: str) -> str:
    """Return the QR code as an image's data URL."""
    image: str = drawn(uri).svg_data_uri(scale=5, border=4, light="#fff")
    return image
