"""Sends a stored file, or a range of it."""

import logging

from sqlalchemy import bindparam, select

from apiserver.core.endpoints.downloads import Download, Pieces, send
from apiserver.core.endpoints.request import Request
from apiserver.core.files.models import StoredObject
from apiserver.core.files.storage import ObjectMissing, StorageUnavailable
from apiserver.core.http.errors import NotFound
from apiserver.core.http.response import Response
from apiserver.core.typing import Row

log = logging.getLogger(__name__)

FIND = select(StoredObject.key).where(StoredObject.key == bindparam("object"))


def send_stored(request: Request, file: Row) -> Response:
    """Make the response of a file, or of the requested range.

    ``file`` is a row with the columns of ``Stored``. Browsers save it, and never
    display it. Raises NotFound if it has just been deleted, and StorageUnavailable.
    """

    def read(start: int, stop: int) -> Pieces:
        try:
            pieces: Pieces = request.registry.storage.read(file.object_key, start, stop)
        except ObjectMissing:
            raise missing(request, file.object_key) from None
        return pieces

    return send(
        request,
        Download(
            file.name, file.media_type, file.size, file.sha256, file.created, read
        ),
    )


def missing(request: Request, key: str) -> NotFound | StorageUnavailable:
    """Return the error for a missing object: deleted, or lost."""
    if request.primary.row(FIND, {"object": key}) is None:
        return NotFound("The file is gone.")
    log.error("The file storage has no object %s, to which a row refers.", key)
    return StorageUnavailable()
