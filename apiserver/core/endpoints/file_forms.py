"""Forms with one file and nothing else, as browsers and generated clients send them.

They are parsed as a stream: a file of any size needs no memory.
"""

from collections.abc import Callable, Iterator
from typing import Self

from multipart import MultipartError, MultipartSegment, ParserLimitReached

from apiserver.core.http.errors import (
    BadRequest,
    UnsupportedMediaType,
    ValidationFailed,
)
from apiserver.core.http.forms import checked, parser_of, reason

# The name of the part.
PART = "file"


class NoFileForm(ValidationFailed):
    """The form has a part that isn't the file, or no part."""

    def __init__(self) -> None:
        super().__init__(("body", PART, "Must be a file, and the form's only part."))

    @classmethod
    def example(cls) -> Self:
        return cls()


class UnsupportedFile(UnsupportedMediaType):
    """The operation doesn't accept the part's media type."""

    def __init__(self, method: str, accepted: tuple[str, ...]) -> None:
        super().__init__(method, accepted)
        types = ", ".join(accepted)
        self.detail = f"The media type of the file must be one of: {types}."


class FileForm:
    """A form (RFC 7578) whose only part is a file, called ``file``.

    ``read`` returns the next bytes of the body, and nothing at its end.
    """

    def __init__(self, content_type: str, read: Callable[[], bytes]) -> None:
        """Parse up to the file; raise BadRequest or NoFileForm."""
        self.read = read
        self.parser = parser_of(content_type, most_parts=1)
        self.events = self.parse()
        self.part = self.first_part()
        self.media_type = (self.part.content_type or "text/plain").lower()
        self.name = self.part.filename or ""

    def parse(self) -> Iterator[MultipartSegment | bytes | None]:
        """Yield the part, its content, and None at its end."""
        event: MultipartSegment | bytes | None = b""
        piece = b"at first"
        try:
            while piece and event is not None:
                piece = self.read()
                for event in self.parser.parse(piece):
                    yield event
        except ParserLimitReached as error:
            if "segment count" in error.args[0]:
                raise NoFileForm from None
            raise BadRequest(reason(error)) from None
        except MultipartError as error:
            raise BadRequest(reason(error)) from None

    def first_part(self) -> MultipartSegment:
        part = next(self.events, None)
        if not isinstance(part, MultipartSegment):
            raise NoFileForm
        if checked(part).name != PART or part.filename is None:
            raise NoFileForm
        return part

    def pieces(self) -> Iterator[bytes]:
        """Yield the content of the file; raise NoFileForm if another part follows."""
        for event in self.events:
            if isinstance(event, bytes):
                yield event
        # A line break may follow the last boundary, in a piece of its own.
        self.read()
