"""Everything stored about a user, as a JSON document."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson

from apiserver.core.endpoints import Request, send_file
from apiserver.core.http import Response
from apiserver.users.personal_data import parts_of, rows_of

NAME = "account.json"
# A file to be saved. Clients may ask for ranges of it, which aren't valid JSON.
MEDIA_TYPE = "application/octet-stream"


def send_data(request: Request, user_id: int) -> Response:
    """Send the document, which browsers save.

    It is written to a temporary file, deleted after the response: however long it is,
    only a few rows are in memory.
    """
    digest = sha256()
    with NamedTemporaryFile(suffix=".json") as file:
        for piece in document(request, user_id):
            file.write(piece)
            digest.update(piece)
        file.flush()
        path, etag = Path(file.name), digest.hexdigest()
        return send_file(request, path, name=NAME, media_type=MEDIA_TYPE, etag=etag)


def document(request: Request, user_id: int) -> Iterator[bytes]:
    """Yield the JSON: an object with a list for each part that features add."""
    mark = b"{"
    for part in parts_of(request.registry):
        yield mark + orjson.dumps(part.name) + b":["
        separator = b""
        for row in rows_of(request.db, part, user_id):
            yield separator + orjson.dumps(row, default=str)
            separator = b","
        yield b"]"
        mark = b","
    yield b"}"
