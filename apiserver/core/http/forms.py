"""Parses forms, of both media types, in linear time.

WebOb's own multipart parser takes quadratic time, and is never used.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)
from webob.multidict import MultiDict

from apiserver.core.http.bodies import MAX_MEMBERS, MULTIPART, TOO_MANY
from apiserver.core.http.errors import BadRequest, ContentTooLarge
from apiserver.core.typing import Request

# For forms that people fill in; files have limits of their own.
MAX_FORM = 128 * 1024
# A part has up to three headers (RFC 7578 section 4.8).
MAX_PART_HEADERS = 8
MAX_PART_HEADER = 4 * 1024

NOT_UTF_8 = "The body is not a form in UTF-8."
LONG_HEADERS = "A part of the form has too many headers, or one that is too long."

# RFC 2046 section 5.1.1, but any characters, since clients use others, too.
_BOUNDARY = re.compile(r"[ -~]{0,69}[!-~]")
# RFC 7578 section 4.7 deprecates other encodings.
PLAIN = {"7bit", "8bit", "binary"}


def read_form(request: Request) -> MultiDict[str, str | bytes]:
    """Parse the form into a MultiDict, with files as bytes.

    Raise BadRequest if it is malformed, has too many fields, or isn't UTF-8;
    ContentTooLarge beyond MAX_FORM.
    """
    body = request.body
    if len(body) > MAX_FORM:
        raise ContentTooLarge(MAX_FORM)
    try:
        if request.content_type.lower() == MULTIPART:
            return MultiDict(parts(body, request.headers["Content-Type"]))
        # WebOb itself would insert replacement characters.
        return MultiDict(fields(body.decode()))
    except MultipartError as error:
        raise BadRequest(reason(error)) from None
    except ValueError:
        raise BadRequest(NOT_UTF_8) from None


def fields(text: str) -> list[tuple[str, str]]:
    """Return the fields of an ordinary form."""
    if text.count("&") >= MAX_MEMBERS:
        raise BadRequest(TOO_MANY)
    return parse_qsl(text, keep_blank_values=True, errors="strict")


def parts(body: bytes, content_type: str) -> Iterator[tuple[str, str | bytes]]:
    """Yield the name and the value of each part (RFC 7578)."""
    parser = parser_of(content_type, most_parts=MAX_MEMBERS)
    content: list[bytes] = []
    with parser:
        for event in parser.parse(with_bodies(body, parser.boundary)):
            if isinstance(event, MultipartSegment):
                part = checked(event)
                content = []
            elif event is not None:
                content.append(event)
            else:
                value = b"".join(content)
                yield part.name, value.decode() if part.filename is None else value


def parser_of(content_type: str, *, most_parts: int) -> PushMultipartParser:
    """Return a parser of a multipart body; raise BadRequest for a bad boundary."""
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise BadRequest("The body is not a form: its boundary is malformed.")
    return PushMultipartParser(
        boundary,
        max_header_size=MAX_PART_HEADER,
        max_header_count=MAX_PART_HEADERS,
        max_segment_count=most_parts,
        # Folded headers are refused: the parser would copy them for each line.
        strict=True,
    )


def with_bodies(body: bytes, boundary: bytes) -> bytes:
    """Add the missing line break of parts without a body.

    By RFC 2046 section 5.1.1 the blank line after the headers may also be the one
    before the next boundary, as Werkzeug's clients write; the parser would read on into
    the next part.
    """
    line = b"--" + re.escape(boundary)
    headers = rb"(?:(?!%b)[^\r\n]+\r\n)*+" % line
    without_body = rb"(?:\A|(?<=\n))%b[ \t]*\r\n%b(?=\r\n%b)" % (line, headers, line)
    return re.sub(without_body, rb"\g<0>\r\n", body)


def checked(part: MultipartSegment) -> MultipartSegment:
    """Return the part; raise BadRequest unless it is UTF-8 text or a file."""
    if part.content_type is not None and part.content_type.startswith("multipart/"):
        raise BadRequest("A part of the form has parts of its own.")
    if (part.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise BadRequest(NOT_UTF_8)
    encoding = part.header("Content-Transfer-Encoding", "binary")
    if encoding.strip().lower() not in PLAIN:
        raise BadRequest("A part of the form has a Content-Transfer-Encoding.")
    return part


def reason(error: MultipartError) -> str:
    """Explain the parser's error."""
    if not isinstance(error, ParserLimitReached):
        return f"The body is not a form: {error.args[0].partition(' (')[0]}."
    return TOO_MANY if "segment count" in error.args[0] else LONG_HEADERS
