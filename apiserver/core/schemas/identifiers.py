"""Fields of identifiers: UUIDs and URLs."""

import re
from ipaddress import IPv6Address
from uuid import UUID

import colander

from apiserver.core.schemas.fields import Checks, Field, Length, Name, Pattern
from apiserver.core.schemas.types import StringType
from apiserver.core.typing import Json

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
A_UUID = "Must be a UUID, such as 123e4567-e89b-12d3-a456-426614174000."

HOST = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?"
CHARACTERS = r"[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}"
# RFC 3986, with two schemes, without userinfo.
URL = (
    rf"^[Hh][Tt][Tt][Pp][Ss]?://({HOST}|\[[0-9A-Fa-f:.]{{2,45}}\])(:[0-9]{{1,5}})?"
    rf"(/({CHARACTERS})*)?(\?({CHARACTERS}|\?)*)?(#({CHARACTERS}|\?)*)?$"
)
_URL = re.compile(URL)
_ORIGIN = re.compile(r"[^/?#]*//[^/?#]*")
A_URL = "Must be a URL of http or https, such as https://example.com/path."
NOT_ASCII = (
    "Must be in ASCII: the host in Punycode, and other characters percent-encoded."
)
WITH_USER = "Must not contain a user name or a password."


class UuidType(StringType):
    """A UUID in its usual form (RFC 9562 section 4), in upper or lower case."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise colander.Invalid(node, A_UUID)
        return UUID(value)


class Uuid(Field):
    """A UUID, which is returned in lower case."""

    def __init__(self, **kw: object) -> None:
        example = "123e4567-e89b-12d3-a456-426614174000"
        kw = {"example": example, "format": "uuid", **kw}
        super().__init__(UuidType(), **kw)


def spell_url(text: str) -> str:
    """Return the URL with scheme and host in lower case; raise ValueError."""
    found = _URL.fullmatch(text)
    if found is None:
        raise ValueError(text)
    host, port = found[1], found[2]
    if host.startswith("["):
        IPv6Address(host[1:-1])
    if ".." in host or (port and int(port[1:]) > 65535):
        raise ValueError(text)
    end = found.end(1)
    return text[:end].lower() + text[end:]


def is_url(node: colander.SchemaNode, value: str) -> None:
    origin = _ORIGIN.match(value)
    if not value.isascii():
        raise colander.Invalid(node, NOT_ASCII)
    if origin and "@" in origin[0]:
        raise colander.Invalid(node, WITH_USER)
    try:
        spell_url(value)
    except ValueError:
        raise colander.Invalid(node, A_URL) from None


class Url(Name):
    """An http or https URL of up to ``longest`` characters, without a password."""

    def __init__(self, longest: int = 2000, **kw: object) -> None:
        kw = {"example": "https://example.com/path", "format": "uri", **kw}
        super().__init__(longest, spell_url, is_url, **kw)
        self.validator = Checks(Length(1, longest), is_url, Pattern(URL))
