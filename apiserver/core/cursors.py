"""Cursors: the place in a list, as clients hand it back without looking into it."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import orjson

_CURSOR = re.compile(r"[A-Za-z0-9_-]{1,200}")

_LARGEST_KEY = 2**63 - 1


def encode(order: str, key: int) -> str:
    """Return the cursor for a row's key; ``order`` names the column that it is from."""
    return urlsafe_b64encode(orjson.dumps([order, key])).decode().rstrip("=")


def decode(order: str, cursor: str) -> int:
    """Return the key; a ValueError for what is no cursor of this order."""
    if not _CURSOR.fullmatch(cursor):
        raise ValueError(cursor)
    match orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))):
        case [str(name), int(key)] if name == order and is_key(key):
            # One key has one cursor: what else could be read as it is refused.
            if encode(name, key) == cursor:
                return int(key)
    raise ValueError(cursor)


def is_key(value: int) -> bool:
    return not isinstance(value, bool) and 0 < value <= _LARGEST_KEY
