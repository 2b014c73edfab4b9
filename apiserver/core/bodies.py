"""Reads bodies: JSON and forms, of the media types that an operation takes."""

import json
from typing import Any
from urllib.parse import parse_qsl

import orjson
from webob.multidict import MultiDict

from apiserver.core.errors import BadRequest, UnsupportedMediaType
from apiserver.core.response import Header

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

MAX_DEPTH = 32
# Of all objects and lists of a body together; each may be blamed in the answer.
MAX_MEMBERS = 1000
TOO_MANY = f"The body has more than {MAX_MEMBERS} members."


class EncodedBody(UnsupportedMediaType):
    """The body is compressed (RFC 9110 section 15.5.16): it could grow without end."""

    def __init__(self, method: str, accepted: tuple[str, ...]) -> None:
        super().__init__(method, accepted)
        self.detail = "The body must not be compressed: send no Content-Encoding."

    @property
    def headers(self) -> list[Header]:  # type: ignore[override]
        return [*super().headers, ("Accept-Encoding", "identity")]


def media_type(request: Any, accepted: tuple[str, ...]) -> str:
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


def read_json(request: Any) -> Any:
    """Parse the body; raise BadRequest where it isn't JSON, or is deep or large."""
    text = request.body
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error.msg}.") from None
    # Counted in the text first, which is quick; there they may be in strings, too.
    opened = text.count(b"[") + text.count(b"{")
    if opened > MAX_DEPTH and is_deeper(document, MAX_DEPTH):
        raise BadRequest(f"The body is nested more than {MAX_DEPTH} levels deep.")
    if opened + text.count(b",") > MAX_MEMBERS and members(document) > MAX_MEMBERS:
        raise BadRequest(TOO_MANY)
    # orjson takes the last of them; whoever has looked at the first was deceived.
    if text.count(b":") > 1:
        json.loads(text, object_pairs_hook=refuse_duplicates)
    return document


def is_deeper(value: Any, levels: int) -> bool:
    """Whether objects and lists are nested deeper; looks no further than that."""
    if not isinstance(value, dict | list):
        return False
    items = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(is_deeper(item, levels - 1) for item in items)


def members(value: Any) -> int:
    """Return how many members objects have, and lists items, all together."""
    if not isinstance(value, dict | list):
        return 0
    items = value.values() if isinstance(value, dict) else value
    return len(value) + sum(map(members, items))


def refuse_duplicates(pairs: list[tuple[str, Any]]) -> None:
    """Raise BadRequest for an object that has a name twice (RFC 8259 section 4)."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise BadRequest("The body has an object with the same name twice.")


def read_form(request: Any) -> Any:
    """Parse the form; raise BadRequest where it is malformed, large, or not UTF-8."""
    form = parse_form(request)
    if len(form) > MAX_MEMBERS:
        raise BadRequest(TOO_MANY)
    return form


def parse_form(request: Any) -> Any:
    try:
        # WebOb itself would put replacement characters for what it can't decode.
        text = request.body.decode()
        if request.content_type == FORM:
            return MultiDict(parse_qsl(text, keep_blank_values=True, errors="strict"))
        form = request.POST
    # A LookupError: a part of a multipart form is in a charset that nobody knows.
    except (LookupError, ValueError):
        raise BadRequest("The body is not a form in UTF-8.") from None
    if None in form:
        raise BadRequest("A part of the form has no name.")
    return form
