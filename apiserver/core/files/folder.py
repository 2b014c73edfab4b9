"""The storage in a folder that all processes of the server share."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyramid.exceptions import ConfigurationError

from apiserver.core.endpoints.downloads import Part, Pieces
from apiserver.core.files.storage import ObjectMissing, unavailable


@contextmanager
def available() -> Iterator[None]:
    """Raise StorageUnavailable if the disk is full or missing."""
    try:
        yield
    except OSError as error:
        raise unavailable(error) from error


class Folder:
    """Objects as files: ``ab/abcdef…``, so that no folder has too many.

    A file is written under a temporary name, and renamed once it is on disk.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self, *, may_make: bool) -> None:
        """Create a missing folder; raise ConfigurationError if that fails."""
        wrong = ""
        try:
            if may_make:
                self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
                wrong = (
                    "can't be read and written"
                    if self.root.exists()
                    else "is not there"
                )
            elif not self.root.is_dir():
                wrong = "is no folder"
        except OSError as error:
            wrong = f"can't be made: {error.strerror}"
        if wrong:
            raise ConfigurationError(
                f"The folder of apiserver.storage, {self.root}, {wrong}."
            )

    def path(self, key: str) -> Path:
        return self.root / key[:2] / key

    def put(self, key: str, pieces: Iterator[bytes]) -> None:
        path = self.path(key)
        written = path.with_suffix(".part")
        with available():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            # Unbuffered: errors are raised with the piece that causes them.
            target = written.open("xb", buffering=0)
        with target:
            # Not around the pieces: a client's disconnection is no error of the disk.
            for piece in pieces:
                with available():
                    write_all(target.fileno(), piece)
            with available():
                os.fsync(target.fileno())
                written.rename(path)
                sync(path.parent)

    def read(self, key: str, start: int, stop: int) -> Pieces:
        try:
            file = self.path(key).open("rb")
        except FileNotFoundError:
            raise ObjectMissing(key) from None
        except OSError as error:
            raise unavailable(error) from error
        return Part(file, start, stop)

    def delete(self, keys: Iterable[str]) -> None:
        with available():
            # If the folder itself is missing, as an unmounted disk, nothing is deleted.
            self.root.stat()
            for key in keys:
                path = self.path(key)
                path.unlink(missing_ok=True)
                path.with_suffix(".part").unlink(missing_ok=True)


def write_all(file: int, piece: bytes) -> None:
    """Write all bytes: a nearly full disk may accept only some."""
    view = memoryview(piece)
    while view:
        view = view[os.write(file, view) :]


def sync(folder: Path) -> None:
    """Sync a folder's directory entries to disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
