"""Codes of apps, by the time (RFC 6238): 6 digits for 30 seconds, SHA-1.

Apps know these parameters, and many no others.
"""

import hmac
from datetime import datetime
from importlib import import_module
from typing import Any

from pyotp import TOTP, random_base32

STEP = 30
# A clock may be wrong by that many steps (RFC 6238 section 5.2).
SKEW = 1


def new_secret() -> str:
    """Return 160 random bits in base32 (RFC 4226 section 4)."""
    return random_base32()


def uri_of(secret: str, *, username: str, title: str) -> str:
    """Return what an app reads: ``otpauth://totp/…``."""
    return TOTP(secret).provisioning_uri(name=username, issuer_name=title)


def grouped(secret: str) -> str:
    """Return a secret as one can type it: in groups of four."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def matching_step(secret: str, code: str, moment: datetime) -> int | None:
    """Return the time step of which this is the code; None if it is no code now."""
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
    """Return the QR code as an element of a page: black on white, also at night."""
    svg: str = drawn(uri).svg_inline(omitsize=True, border=4, light="#fff")
    return svg


def data_uri(uri: str) -> str:
    """Return the QR code as the URL of an image."""
    image: str = drawn(uri).svg_data_uri(scale=5, border=4, light="#fff")
    return image
