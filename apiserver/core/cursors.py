"""Cursors: the place in a list, as clients hand it back without looking into it."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson

# More than a text of 400 characters takes, in any alphabet.
LONGEST = 3000

_CURSOR = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}")


def encode(order: str, place: list[Any]) -> str:
    """Return the cursor for a place, which is what a row has in the order's columns."""
    return urlsafe_b64encode(orjson.dumps([order, *place])).decode().rstrip("=")


def decode(order: str, cursor: str) -> list[Any]:
    """Return the place, as JSON has it; a ValueError for no cursor of this order."""
    if not _CURSOR.fullmatch(cursor):
        raise ValueError(cursor)
    match orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))):
        case [str(name), *place] if name == order:
            # One place has one cursor: what else could be read as it is refused.
            if encode(name, place) == cursor:
                return place
    raise ValueError(cursor)
