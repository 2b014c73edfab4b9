"""Reads bodies: JSON, of the media types that an operation takes."""

import json
from collections.abc import Collection

import orjson

from apiserver.core.http.errors import BadRequest, UnsupportedMediaType
from apiserver.core.typing import Json, Request

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

MAX_DEPTH = 32
# Of all objects and lists of a body together; each may be blamed in the response.
MAX_MEMBERS = 1000
TOO_MANY = f"The body has more than {MAX_MEMBERS} members."


class EncodedBody(UnsupportedMediaType):
    """The body is compressed (RFC 9110 section 15.5.16): it could grow without end."""

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
        # WebOb parses forms by the type as it is written here alone.
        request.content_type = content_type
    return content_type


def read_json(request: Request) -> Json:
    """Parse the body; raise BadRequest where it isn't JSON, or is deep or large."""
    text = request.body
    # Counted in the text, which is quick; there they may be in strings, too.
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
    # orjson takes the last of them; whoever has looked at the first was deceived.
    if text.count(b":") > 1:
        UNIQUE.decode(text.decode())
    return document


def openings(text: bytes) -> int:
    """Return how many objects and lists begin in JSON without strings."""
    return text.count(b"[") + text.count(b"{")


def outside_strings(text: bytes) -> bytes:
    """Return JSON without what is in its strings."""
    unescaped = text.replace(rb"\\", b"").replace(rb"\"", b"")
    return b"".join(unescaped.split(b'"')[::2])


def refuse_members(text: bytes) -> None:
    """Raise BadRequest for JSON, without strings, that has certainly too many.

    They are not parsed at all: that would make an object of each.
    """
    # Every list and object but the outermost is a member itself.
    if text.count(b",") >= MAX_MEMBERS or openings(text) > MAX_MEMBERS + 1:
        raise BadRequest(TOO_MANY)


def is_deeper(value: Json, levels: int) -> bool:
    """Whether objects and lists are nested deeper; looks no further than that."""
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(is_deeper(item, levels - 1) for item in items(value))


def members(value: Json, most: int = MAX_MEMBERS) -> int:
    """Return how many members objects have, and lists items, all together.

    Counts no further than is needed to know that there are more than ``most``.
    """
    count, found = 0, [items(value)]
    while found and count <= most:
        inner = found.pop()
        count += len(inner)
        if count <= most:
            found += map(items, inner)
    return count


def items(value: Json) -> Collection[Json]:
    """Return what a list holds, or the values of an object; of others nothing."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def refuse_duplicates(pairs: list[tuple[str, Json]]) -> None:
    """Raise BadRequest for an object that has a name twice (RFC 8259 section 4)."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise BadRequest("The body has an object with a duplicate name.")


# Made once, since json.loads would make another one for each body.
UNIQUE = json.JSONDecoder(object_pairs_hook=refuse_duplicates)
