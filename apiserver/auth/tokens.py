"""Random secrets: tokens, codes, client secrets, session ids.

A token is a prefix for its kind, 256 random bits, and a checksum: so invalid ones are
rejected without a query, and secret scanners find tokens leaked into a repository.
"""

import re
import secrets
import zlib
from hashlib import sha256

ACCESS = "apa_"
REFRESH = "apr_"
CODE = "apc_"
SECRET = "aps_"  # noqa: S105 (the prefix of secrets)
SESSION = "apb_"
CONSENT = "apq_"
PERSONAL = "app_"
LINK = "apl_"

# For the documentation. Its checksum is wrong, so it can't be a real one.
EXAMPLE_CLIENT_ID = "7f1c3a0b5d9e4c62a8d1f0e3b7c95a14"
EXAMPLE_SECRET = SECRET + "Zk3vXcQe1r9tLw0bYm7sHn5dGf2jPa8uKi6oTxCq4V00000000"

_SHAPE = re.compile(r"ap[acrsbqpl]_[A-Za-z0-9_-]{43}[0-9a-f]{8}")


def make_token(prefix: str) -> str:
    """Return a new token of 55 characters: letters, digits, ``-`` and ``_``."""
    token = prefix + secrets.token_urlsafe(32)
    return token + checksum(token)


def checksum(token: str) -> str:
    return f"{zlib.crc32(token.encode()):08x}"


def is_token(token: str, prefix: str) -> bool:
    """Whether this has the form of a token of this server."""
    return (
        token.startswith(prefix)
        and _SHAPE.fullmatch(token) is not None
        and checksum(token[:-8]) == token[-8:]
    )


def digest(secret: str) -> bytes:
    """Return the stored digest of a secret: its SHA-256, 32 bytes."""
    return sha256(secret.encode()).digest()
