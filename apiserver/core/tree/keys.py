"""Segments of a path that are keys, and invalid ones."""

import re

_ID = re.compile(r"[1-9][0-9]{0,18}")
_LARGEST_ID = 2**63 - 1


class NoSuchNode(KeyError):
    """There is no node at a segment of the path: the response is 404.

    Any other KeyError is a bug.
    """


def parse_id(segment: str) -> int:
    """Parse an id in the path; raise NoSuchNode if it is invalid."""
    if _ID.fullmatch(segment) and (number := int(segment)) <= _LARGEST_ID:
        return number
    raise NoSuchNode(segment)
