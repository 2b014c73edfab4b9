"""Encryption of secrets that the server has to read again, with configured keys.

It is Fernet: AES in CBC mode with an HMAC. The first key encrypts, and all are tried
for decryption, so that a key is replaced by putting another in front of it.
"""

import logging
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from apiserver.core import settings

SETTING = "apiserver.factors_key"
# For trying the server out: production requires a key of its own.
DEVELOPMENT = "ZGV2ZWxvcG1lbnQtb25seS1ub3QtZm9yLXByb2R1Y3Q="
MAKE_ONE = "head -c 32 /dev/urandom | base64 | tr +/ -_"

log = logging.getLogger(__name__)


def fernet_keys(value: str) -> tuple[str, ...]:
    """Return the setting's keys; raise ValueError if one is invalid."""
    keys = settings.words(value)
    try:
        for key in keys:
            fernet().Fernet(key)
    except ValueError:
        raise ValueError(
            f"must be one or more keys of 32 bytes in URL-safe base64: {MAKE_ONE}"
        ) from None
    return keys


def fernet() -> ModuleType:
    """Import the module on first use: starting the server doesn't need it."""
    return import_module("cryptography.fernet")


@cache
def cipher(keys: tuple[str, ...]) -> Any:
    module = fernet()
    return module.MultiFernet([module.Fernet(key) for key in keys or (DEVELOPMENT,)])


def seal(keys: tuple[str, ...], secret: str, *, user_id: int) -> str:
    """Encrypt a user's secret, so that it can't be decrypted for another user."""
    sealed: bytes = cipher(keys).encrypt(f"{user_id} {secret}".encode())
    return sealed.decode()


def unseal(keys: tuple[str, ...], sealed: str, *, user_id: int) -> str | None:
    """Decrypt a secret; return None if no key fits or it is another user's."""
    try:
        text = cipher(keys).decrypt(sealed.encode()).decode()
    except fernet().InvalidToken:
        # Without the traceback, which adds nothing.
        log.error("No key of %s fits a factor of user %s", SETTING, user_id)  # noqa: TRY400
        return None
    owner, _, secret = text.partition(" ")
    return secret if owner == str(user_id) else None


def reseal(keys: tuple[str, ...], sealed: str) -> str:
    """Encrypt a secret again, with the first key.

    Raises ValueError if no key fits.
    """
    try:
        resealed: bytes = cipher(keys).rotate(sealed.encode())
    except fernet().InvalidToken:
        raise ValueError(f"No key of {SETTING} fits.") from None
    return resealed.decode()
