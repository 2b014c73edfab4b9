"""Segments of a path that are keys: ids, and what is none of them."""

import re

_ID = re.compile(r"[1-9][0-9]{0,18}")
_LARGEST_ID = 2**63 - 1


class NoSuchNode(KeyError):
    """There is no node at a segment of the path: the request gets 404.

    Any other KeyError is a mistake of the code that raises it.
    """


def parse_id(segment: str) -> int:
    """Read an id from the path; NoSuchNode for whatever can't be one."""
    if _ID.fullmatch(segment) and (number := int(segment)) <= _LARGEST_ID:
        return number
    raise NoSuchNode(segment)
