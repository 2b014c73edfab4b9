"""The storage in a folder, which all processes of the server share."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyramid.exceptions import ConfigurationError

from apiserver.core.endpoints.downloads import Part, Pieces
from apiserver.core.files.storage import ObjectMissing, unavailable


@contextmanager
def available() -> Iterator[None]:
    """Raise StorageUnavailable where the disk is full, or away."""
    try:
        yield
    except OSError as error:
        raise unavailable(error) from error


class Folder:
    """Objects as files: ``ab/abcdef…``, so that no folder has too many.

    A file is written under another name, and renamed once it is on the disk.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self, *, may_make: bool) -> None:
        """Raise ConfigurationError unless the folder is there, or can be made."""
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
            # Nothing is buffered: errors come with the piece that they are about.
            target = written.open("xb", buffering=0)
        with target:
            # Not around the pieces: that a client goes away is no fault of the disk.
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
            # Where the folder itself is away, as a disk that isn't mounted, nothing is
            # deleted yet.
            self.root.stat()
            for key in keys:
                path = self.path(key)
                path.unlink(missing_ok=True)
                path.with_suffix(".part").unlink(missing_ok=True)


def write_all(file: int, piece: bytes) -> None:
    """Write all of the bytes: a disk that is nearly full takes some of them."""
    view = memoryview(piece)
    while view:
        view = view[os.write(file, view) :]


def sync(folder: Path) -> None:
    """Write the names in a folder to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
