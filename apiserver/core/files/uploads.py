"""Uploads: files are stored before anything is locked, then taken or discarded.

::

    1. commit a record of the loose object
    2. store the object, while nothing is locked and no transaction is open
    3. delete the record, insert the row that refers to it: committed with the view
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

# No path, no "..", and no trailing characters that Windows drops.
NAME = Pattern(r"^[^/\\]*[^/\\.\s]$")
LARGEST = 2**63 - 1

TAKE = delete(LooseObject).where(
    LooseObject.key == bindparam("loose"), LooseObject.is_doomed == false()
)


def is_name(node: colander.SchemaNode, value: str) -> None:
    if NAME.match_object.search(value) is None:
        raise colander.Invalid(node, "Must be a file name, without a path.")


class FileName(Text):
    """The name of a file: no path, no invisible characters, up to 200 characters."""

    def __init__(self, **kw: object) -> None:
        kw = {"example": "report.pdf", "description": "The name of the file.", **kw}
        super().__init__(1, LONGEST_NAME, NAME, is_name, blank=True, **kw)


class UploadQuery(Object):
    """The query parameters of an upload."""

    name = FileName()


class FileDetail(Object):
    """The metadata of a file."""

    name = FileName()
    media_type = Text(1, 100, example="application/pdf", description="Its media type.")
    size = Whole(0, LARGEST, example=12345, description="In bytes.")
    sha256 = Text(64, 64, example="0" * 64, description="SHA-256 in hexadecimal.")
    created = Moment(description="When it was uploaded.")


class PartName(Object):
    """The file's name in a form."""

    file = FileName()


class NameMissing(ValidationFailed):
    """Neither the query nor a form has the file's name."""

    def __init__(self) -> None:
        needed = "Is required, unless a form names the file."
        super().__init__(("querystring", "name", needed))


class UploadRequest(ContentRequest):
    """A request whose file is stored; ``validated`` has the values of its row."""

    def take_query(self, schema: type[Object] | None) -> None:
        """Add query parameters, with an optional name, since a form may have it."""
        super().take_query(schema)
        query = self["querystring"]
        # A clone, since the class's own node is shared.
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
    """Accept a file of one of the media types, of up to ``most`` bytes, and store it.

    It is the body, or the part ``file`` of a form. Its name is a query parameter, or
    else the one in the form; a subclass of ``UploadQuery`` has further parameters.
    ``validated["file"]`` has the values of the columns of ``Stored``: the row that the
    view inserts with them owns the file. A request that fails leaves no file. The media
    type is what the client declares.
    """
    request_schema = UploadRequest(media_types, most)
    request_schema.take_query(query)
    return request_schema


def store(request: Request) -> dict[str, object]:
    """Store the file, and take it in the transaction of the view."""
    sent: Content = request.validated["content"]
    key = secrets.token_hex(16)
    # Recorded before there is an object, so that a crash leaves no unknown one.
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
    """Delete the object if the transaction, or its commit, fails.

    Asks the database, since only that knows whether it was committed after all.
    """

    def ended(committed: bool) -> None:  # noqa: FBT001 (transaction's hook)
        if not committed:
            discard(request.registry, [key])

    transaction = request.tm.get()
    transaction.addAfterAbortHook(ended, (False,))
    transaction.addAfterCommitHook(ended)


class Measured:
    """Counts and hashes the bytes that pass through."""

    def __init__(self, sent: Content) -> None:
        self.sent = sent
        self.size = 0
        self.digest = sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.sent.pieces():
            self.size += len(piece)
            self.digest.update(piece)
            yield piece
