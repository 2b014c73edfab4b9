"""The project's files: finding them, and replacing all of them at once."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tasks.renaming.names import Name

# Folders without files of the project's own, for when git isn't available.
NOT_OURS = {"__pycache__", "build", "dist", "htmlcov", "node_modules"}
HIDDEN = {".ci", ".devcontainer", ".github", ".vscode"}


class NotClean(Exception):
    """The task's changes couldn't be undone; the sentence says why."""


def git(root: Path, *arguments: str) -> str | None:
    """Return git's output; None without git or if the folder isn't tracked."""
    if not shutil.which("git"):
        return None
    done = subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and (root / ".git").exists():
        raise NotClean(f"git failed: {done.stderr.strip()}")
    return None if done.returncode else done.stdout


def check_committed(root: Path) -> None:
    """Raise NotClean if there are uncommitted changes."""
    changed = (git(root, "status", "--porcelain", "--", ".") or "").splitlines()
    if changed and tracked(root):
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise NotClean(
            f"There are uncommitted changes: {changed[0][3:]}{more}. Commit or stash"
            " them, so that git can undo the renaming, or add --force."
        )


def tracked(root: Path) -> list[Path]:
    """Return the paths that git tracks or would, relative to the project."""
    if not git(root, "ls-files", "setup.py"):
        return []
    options = ("--cached", "--others", "--exclude-standard", "-z")
    names = (git(root, "ls-files", *options) or "").split("\0")
    return [Path(name) for name in names if name]


def listed(root: Path) -> list[Path]:
    """Return the paths of the project's files, relative to it."""
    paths = set(tracked(root) or walk(root))
    # Settings of this machine, which git ignores.
    paths.update(path.relative_to(root) for path in root.glob("*.ini"))
    return sorted(path for path in paths if os.path.lexists(root / path))


def walk(root: Path) -> Iterator[Path]:
    """Yield the files of a project without git."""
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if name not in NOT_OURS
            and not name.endswith(".egg-info")
            and (not name.startswith(".") or name in HIDDEN)
            and not Path(folder, name, "pyvenv.cfg").exists()
        ]
        for name in names:
            if not name.endswith((".db", ".pyc")):
                yield Path(folder, name).relative_to(root)


def text_of(path: Path) -> str | None:
    """Return the text of a file; None if it isn't text, such as an image or a link."""
    if path.is_symlink() or not path.is_file():
        return None
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError:
        return None


def renamed(path: Path, old: Name, new: Name) -> Path:
    """Return the new path of a file whose path contains the project's name."""
    name = re.compile(rf"(?:{old.plain}|{old.hyphen})(?=([-@])|[.]|$)")

    def form(found: re.Match[str]) -> str:
        return new.hyphen if found[1] else new.plain

    parts = (name.sub(form, p) if name.match(p) else p for p in path.parts)
    return Path(*parts)


def stage(
    root: Path,
    folder: Path,
    changed: Mapping[Path, str],
    paths: Iterable[Path],
    old: Name,
    new: Name,
) -> list[tuple[Path, Path]]:
    """Write all files into a folder, as they will be; return which of them move where.

    Those that stay as they are have to be there, too: the order of imports depends on
    which packages are beside a module.
    """
    moves = []
    for path in paths:
        target = renamed(path, old, new)
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, folder / target, follow_symlinks=False)
        if path in changed:
            with (folder / target).open("w", encoding="utf-8", newline="") as file:
                file.write(changed[path])
        if path in changed or path != target:
            moves.append((path, target))
    return moves


@contextmanager
def beside(root: Path) -> Iterator[Path]:
    """Yield a temporary folder on the project's file system."""
    folder = Path(tempfile.mkdtemp(prefix=".renaming-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def swap(root: Path, stage: Path, moves: Iterable[tuple[Path, Path]]) -> None:
    """Replace the old files with those in ``stage/new``: all, or none."""
    done: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        done.append((source, target))

    moves = list(moves)
    try:
        for old, _ in moves:
            move(root / old, stage / "old" / old)
        for _, new in moves:
            move(stage / "new" / new, root / new)
    except BaseException:
        for source, target in reversed(done):
            target.rename(source)
        clear({root / new.parent for _, new in moves}, root)
        raise
    clear({root / old.parent for old, _ in moves}, root)


def clear(folders: Iterable[Path], root: Path) -> None:
    """Remove folders that contain nothing but Python's compiled files."""
    for folder in sorted(folders, key=lambda path: -len(path.parts)):
        while folder != root and folder.is_dir():
            if {path.name for path in folder.iterdir()} - {"__pycache__"}:
                break
            shutil.rmtree(folder)
            folder = folder.parent
