"""The storage in a bucket of S3, or of a compatible service, with obstore."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain

from obstore.exceptions import BaseError
from obstore.store import S3Store
from pyramid.exceptions import ConfigurationError

from apiserver.core.endpoints.downloads import PIECE, Pieces
from apiserver.core.files.storage import ObjectMissing, Place, unavailable

# The size of a part of an upload; two are in memory at a time.
PART = 5 * 1024 * 1024
AT_ONCE = 2
# The keys that one request can delete.
MOST_KEYS = 1000
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@contextmanager
def available() -> Iterator[None]:
    """Raise StorageUnavailable if S3 is unreachable or refuses a request.

    For a missing bucket obstore raises Python's own error.
    """
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        raise unavailable(error) from error


class Bucket:
    """Objects below a prefix; credentials are AWS's variables or roles."""

    def __init__(self, place: Place) -> None:
        given = [name for name in CREDENTIALS if os.environ.get(name)]
        if len(given) == 1:
            missing = next(name for name in CREDENTIALS if name not in given)
            raise ConfigurationError(f"{given[0]} is set, but {missing} is missing.")
        options = {"endpoint": place.endpoint} if place.endpoint else {}
        self.store = S3Store(
            place.bucket,
            prefix=place.prefix or None,
            region=place.region,
            **options,  # type: ignore[arg-type]  # its keywords are a TypedDict
            client_options={
                "allow_http": place.endpoint.startswith("http:"),
                "connect_timeout": "5s",
                # Between two pieces; a whole file has no limit.
                "read_timeout": "30s",
                "timeout": "1day",
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
        )

    def prepare(self, *, may_make: bool) -> None:
        """Do nothing: an unreachable storage doesn't keep the server from starting."""

    def put(self, key: str, pieces: Iterator[bytes]) -> None:
        begin = bytearray()
        for piece in pieces:
            begin += piece
            if len(begin) >= PART:
                break
        with available():
            if len(begin) < PART:
                self.store.put(key, bytes(begin), use_multipart=False)
                return
            self.store.put(
                key,
                chain([bytes(begin)], pieces),
                chunk_size=PART,
                max_concurrency=AT_ONCE,
            )

    def read(self, key: str, start: int, stop: int) -> Pieces:
        if start == stop:
            return ()
        with available():
            try:
                found = self.store.get(key, options={"range": (start, stop)})
            except FileNotFoundError:
                raise ObjectMissing(key) from None
            return map(bytes, found.stream(min_chunk_size=PIECE))

    def delete(self, keys: Iterable[str]) -> None:
        listed = list(keys)
        with available():
            for first in range(0, len(listed), MOST_KEYS):
                self.store.delete(listed[first : first + MOST_KEYS])
