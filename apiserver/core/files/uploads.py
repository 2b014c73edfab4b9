"""Files that are uploaded: stored before anything is locked, then taken or discarded.

::

    a row that says the object is loose ── committed
    the object ── stored, while nothing is locked and no transaction is open
    the object is no longer loose, and a row refers to it ── committed with the view
"""

import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, cast

import colander
from sqlalchemy import bindparam, delete, false

from apiserver.core.db.base import now
from apiserver.core.db.transactions import commit_so_far
from apiserver.core.endpoints.files import Content, ContentRequest
from apiserver.core.endpoints.request import Request
from apiserver.core.files.loose import discard
from apiserver.core.files.models import LooseObject, StoredObject
from apiserver.core.files.storage import StorageUnavailable
from apiserver.core.files.stored import LONGEST_NAME
from apiserver.core.http.errors import ApiError, ValidationFailed
from apiserver.core.schemas import Moment, Object, Text, Whole, validated
from apiserver.core.schemas.fields import Pattern

# No path, nothing that a disk of Windows drops at the end, and not "..".
NAME = Pattern(r"^[^/\\]*[^/\\.\s]$")
LARGEST = 2**63 - 1

TAKE = delete(LooseObject).where(
    LooseObject.key == bindparam("loose"), LooseObject.is_doomed == false()
)


def is_name(node: colander.SchemaNode, value: str) -> None:
    if NAME.match_object.search(value) is None:
        raise colander.Invalid(node, "Must be a file name, without a path.")


class FileName(Text):
    """The name of a file: no path, nothing that hides, up to 200 characters."""

    def __init__(self, **kw: object) -> None:
        kw = {"example": "report.pdf", "description": "The name of the file.", **kw}
        super().__init__(1, LONGEST_NAME, NAME, is_name, blank=True, **kw)


class UploadQuery(Object):
    """What is told of a file besides what is in it."""

    name = FileName()


class FileDetail(Object):
    """What is known of a file."""

    name = FileName()
    media_type = Text(1, 100, example="application/pdf", description="Its media type.")
    size = Whole(0, LARGEST, example=12345, description="In bytes.")
    sha256 = Text(64, 64, example="0" * 64, description="SHA-256 in hexadecimal.")
    created = Moment(description="When it was uploaded.")


class PartName(Object):
    """What a form calls the file."""

    file = FileName()


class NameMissing(ValidationFailed):
    """Neither the query nor a form says how the file is called."""

    def __init__(self) -> None:
        needed = "Is required, unless a form names the file."
        super().__init__(("querystring", "name", needed))


class UploadRequest(ContentRequest):
    """A request whose file is stored; the view finds its row in ``validated``."""

    def take_query(self, schema: type[Object] | None) -> None:
        """Add query parameters, of which the name isn't needed where a form has it."""
        super().take_query(schema)
        query = self["querystring"]
        # It is the class's, of which others may be made.
        name = query["name"].clone()
        name.missing = None
        name.description += " Needed, unless a form names the file."
        query["name"] = name

    def validate(self, request: Request) -> dict[str, object]:
        values = super().validate(request)
        query, sent = cast(Any, values["querystring"]), cast(Content, values["content"])
        if query["name"] is None and not sent.name:
            raise NameMissing
        if query["name"] is None:
            named = {"file": sent.name}
            query["name"] = validated(PartName(), "body", named)["file"]
        return values

    def refusals(self) -> list[ApiError]:
        return [*super().refusals(), NameMissing()]

    @staticmethod
    def prepare(request: Request) -> None:
        """Store the file, before anything is locked."""
        request.validated["file"] = store(request)


def upload(
    *media_types: str, most: int, query: type[UploadQuery] = UploadQuery
) -> UploadRequest:
    """Take a file of one of the media types, of up to ``most`` bytes, and store it.

    It is the body, or the part ``file`` of a form. Its name is a query parameter, or
    else what the form calls it; a subclass of ``UploadQuery`` has other parameters.
    The view finds in ``validated["file"]`` the values of the columns of ``Stored``; a
    row that it inserts with them owns the file. Where the request fails, none is left.
    The type is what the client says.
    """
    request_schema = UploadRequest(media_types, most)
    request_schema.take_query(query)
    return request_schema


def store(request: Request) -> dict[str, object]:
    """Store what is sent, and take it in the transaction of the view."""
    sent: Content = request.validated["content"]
    key = secrets.token_hex(16)
    # Known before there is an object: a crash leaves none that nobody knows of.
    request.db.insert(LooseObject, key=key)
    commit_so_far(request)
    measured = Measured(sent)
    try:
        request.registry.storage.put(key, iter(measured))
    except BaseException:
        discard(request.registry, [key])
        raise
    discard_unless_committed(request, key)
    if not request.db.run(TAKE, {"loose": key}):
        raise StorageUnavailable("The upload took too long.")
    request.db.insert(StoredObject, key=key)
    return {
        "object_key": key,
        "name": request.validated["querystring"]["name"],
        "media_type": sent.media_type,
        "size": measured.size,
        "sha256": measured.digest.hexdigest(),
        "created": now(),
    }


def discard_unless_committed(request: Request, key: str) -> None:
    """Delete the object where the transaction, or its commit, fails.

    Whether it was committed after all is known to the database alone, which is asked.
    """

    def ended(committed: bool) -> None:  # noqa: FBT001 (transaction's hook)
        if not committed:
            discard(request.registry, [key])

    transaction = request.tm.get()
    transaction.addAfterAbortHook(ended, (False,))
    transaction.addAfterCommitHook(ended)


class Measured:
    """Counts and digests the bytes that go through."""

    def __init__(self, sent: Content) -> None:
        self.sent = sent
        self.size = 0
        self.digest = sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.sent.pieces():
            self.size += len(piece)
            self.digest.update(piece)
            yield piece
