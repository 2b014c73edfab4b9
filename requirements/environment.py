"""A virtual environment: what is installed in it, and whether it can stay."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Each contains the one before.
SETS = ("runtime", "testing", "development")


class Environment:
    """A virtual environment, and what is installed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin/python"
        # Is there while something is installed: what has been interrupted may look
        # complete to pip and uv.
        self.unfinished = folder / ".unfinished"
        self.interrupted = False

    def stamp(self, name: str) -> Path:
        """Return the file that says with what a set was last installed."""
        return self.folder / f".installed-{name}"

    def state(self) -> str:
        """Return what an installation depends on: places, pins and metadata."""
        files = [*(ROOT / f"requirements/{name}.txt" for name in SETS)]
        files += [ROOT / "requirements/uv.txt", ROOT / "setup.py"]
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in files))
        return f"{self.place()}{digest.hexdigest()}\n"

    def place(self) -> str:
        """Return where the environment and the project lie; neither can be moved."""
        return f"{self.folder.absolute()}\n{ROOT}\n"

    def has(self, name: str) -> bool:
        """Tell whether the set is installed, completely, as it is pinned now."""
        stamp = self.stamp(name)
        return (
            stamp.is_file()
            and not self.unfinished.exists()
            and stamp.read_text("utf-8") == self.state()
        )

    @contextmanager
    def installing(self, name: str) -> "Iterator[None]":
        """Count the set, and the smaller ones, as installed where this ends well."""
        self.interrupted = self.unfinished.exists() and bool(self.stamps())
        self.unfinished.touch()
        yield
        for each in SETS[: SETS.index(name) + 1]:
            self.stamp(each).write_text(self.state(), "utf-8")
        self.unfinished.unlink()

    def stamps(self) -> "list[Path]":
        """Return the stamps of what has been installed once."""
        return [self.stamp(name) for name in SETS if self.stamp(name).is_file()]

    def is_one(self) -> bool:
        """Tell whether the folder is a virtual environment, or begins to be."""
        return (self.folder / "pyvenv.cfg").is_file() or self.unfinished.is_file()

    def made_by(self) -> str:
        """Return the version of Python that has made it, as ``3.11``."""
        try:
            lines = (self.folder / "pyvenv.cfg").read_text("utf-8").splitlines()
        except OSError:
            return ""
        settings = dict(line.partition(" = ")[::2] for line in lines)
        version = settings.get("version") or settings.get("version_info", "")
        return ".".join(version.split(".")[:2])

    def empty(self) -> None:
        """Remove what is in the folder, which itself may be a mount or a link."""
        for path in self.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def runs(self) -> str:
        """Return the version of Python that it runs, nothing if it doesn't run."""
        program = "import sys; print('%d.%d' % sys.version_info[:2])"
        command = [str(self.python), "-I", "-S", "-c", program]
        try:
            found = subprocess.check_output(command, stderr=subprocess.DEVNULL)  # noqa: S603
        except (OSError, subprocess.CalledProcessError):
            return ""
        return found.decode().strip()

    def fault(self, wanted: str) -> str:
        """Return why it has to be made anew, nothing where it can stay."""
        made, runs = self.made_by(), self.runs()
        if not runs:
            return "Its Python doesn't run any more."
        if runs != made:
            return f"It was made by Python {made} and now runs {runs}."
        if wanted and runs != wanted:
            return f"It runs Python {runs}."
        stamps = self.stamps()
        if any(not s.read_text("utf-8").startswith(self.place()) for s in stamps):
            return "It, or the project, has been moved."
        if self.unfinished.exists() and not stamps:
            return "Making it was interrupted."
        return ""
