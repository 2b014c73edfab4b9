"""Reads bodies: checks the media type, and parses JSON."""

import json
from collections.abc import Collection

import orjson

from apiserver.core.http.errors import BadRequest, UnsupportedMediaType
from apiserver.core.typing import Json, Request

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

MAX_DEPTH = 32
# Of all objects and arrays together, since the response may have an error for each.
MAX_MEMBERS = 1000
TOO_MANY = f"The body has more than {MAX_MEMBERS} members."


class EncodedBody(UnsupportedMediaType):
    """The body is compressed (RFC 9110 section 15.5.16), so its size is unlimited."""

    def __init__(self, method: str, accepted: tuple[str, ...]) -> None:
        super().__init__(method, accepted)
        self.detail = "The body must not be compressed: send no Content-Encoding."
        self.headers = [*self.headers, ("Accept-Encoding", "identity")]


def media_type(request: Request, accepted: tuple[str, ...]) -> str:
    """Return the type of the body; raise UnsupportedMediaType or EncodedBody."""
    coding = request.environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if coding not in {"", "identity"}:
        raise EncodedBody(request.method, accepted)
    content_type: str = request.content_type.lower()
    if content_type not in accepted:
        raise UnsupportedMediaType(request.method, accepted)
    if content_type != request.content_type:
        # WebOb parses forms only if the type is written exactly like this.
        request.content_type = content_type
    return content_type


def read_json(request: Request) -> Json:
    """Parse the body; raise BadRequest if it isn't JSON, or is too deep or large."""
    text = request.body
    # Counted in the text, which is fast, but includes those in strings.
    opened = openings(text)
    may_be_large = opened + text.count(b",") > MAX_MEMBERS
    if may_be_large:
        refuse_members(outside_strings(text))
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error.msg}.") from None
    if may_be_large and members(document) > MAX_MEMBERS:
        raise BadRequest(TOO_MANY)
    if opened > MAX_DEPTH and is_deeper(document, MAX_DEPTH):
        raise BadRequest(f"The body is nested more than {MAX_DEPTH} levels deep.")
    # orjson takes the last of two, other parsers may have checked the first.
    if text.count(b":") > 1:
        UNIQUE.decode(text.decode())
    return document


def openings(text: bytes) -> int:
    """Return the number of objects and arrays in JSON without strings."""
    return text.count(b"[") + text.count(b"{")


def outside_strings(text: bytes) -> bytes:
    """Return JSON with empty strings."""
    unescaped = text.replace(rb"\\", b"").replace(rb"\"", b"")
    return b"".join(unescaped.split(b'"')[::2])


def refuse_members(text: bytes) -> None:
    """Raise BadRequest for JSON, without strings, that surely has too many members.

    It isn't parsed, which would create an object for each.
    """
    # Every array and object but the outermost is itself a member.
    if text.count(b",") >= MAX_MEMBERS or openings(text) > MAX_MEMBERS + 1:
        raise BadRequest(TOO_MANY)


def is_deeper(value: Json, levels: int) -> bool:
    """Whether objects and arrays are nested deeper; stops at that depth."""
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(is_deeper(item, levels - 1) for item in items(value))


def members(value: Json, most: int = MAX_MEMBERS) -> int:
    """Return the number of members of all objects, and items of all arrays.

    Stops counting above ``most``.
    """
    count, found = 0, [items(value)]
    while found and count <= most:
        inner = found.pop()
        count += len(inner)
        if count <= most:
            found += map(items, inner)
    return count


def items(value: Json) -> Collection[Json]:
    """Return the items of an array or the values of an object; else nothing."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def refuse_duplicates(pairs: list[tuple[str, Json]]) -> None:
    """Raise BadRequest for an object that has a name twice (RFC 8259 section 4)."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise BadRequest("The body has an object with a duplicate name.")


# Created once: json.loads would create one for each body.
UNIQUE = json.JSONDecoder(object_pairs_hook=refuse_duplicates)
