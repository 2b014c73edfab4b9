"""The name of the project, which a clone changes once."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from invoke.context import Context

from tasks import console
from tasks.declaring import task
from tasks.renaming import checks, files, names, places, titles, wrapping
from tasks.renaming.names import Name


@task(
    help={
        "name": "Lowercase letters, digits and underscores, such as your_project.",
        "title": "The title of the documentation; the name by default.",
        "force": "Rename even if git has uncommitted changes.",
    }
)
def rename(context: Context, name: str, title: str = "", force: bool = False) -> None:
    """Give the project its own name: package, settings, texts, files."""
    root = console.ROOT
    try:
        old = names.present(root)
        new = names.wanted(name, old)
        titles.check(title)
        if not force:
            files.check_committed(root)
        texts = {path: files.text_of(root / path) for path in files.listed(root)}
        number = write(root, texts, old, new, title)
    except (names.BadName, files.NotClean) as error:
        console.fail(error)
    except OSError as error:
        console.fail(f"Nothing was renamed: {error}.")
    sys.stdout.write(f"{old.plain} is now called {new.plain}: {number} files.\n")
    warn(list(checks.meant_elsewhere(texts, new)), new)
    install(root, old)


def warn(elsewhere: list[tuple[Path, int]], new: Name) -> None:
    """Say where the new name means something else, so that it is no name forever."""
    if elsewhere:
        path, line = elsewhere[0]
        sys.stdout.write(
            f"{new.plain} also means something else in {len(elsewhere)} files, such as "
            f"{path}, line {line}. Another rename would change that, too.\n"
        )


def write(
    root: Path, texts: dict[Path, str | None], old: Name, new: Name, title: str
) -> int:
    """Write the files with the new name; return how many have changed."""
    checks.check(root, texts, old, new)
    changed = {p: places.replace(t, old, new) for p, t in texts.items() if t}
    if title:
        changed |= titles.write(changed, new, title)
    changed = {
        path: wrapping.wrap(path, text, texts[path] or "")
        for path, text in changed.items()
        if text != texts[path]
    }
    with files.beside(root) as stage:
        moves = files.stage(root, stage / "new", changed, list(texts), old, new)
        reformat(stage / "new", [new for path, new in moves if path in changed])
        files.swap(root, stage, moves)
    return len(moves)


def reformat(root: Path, paths: list[Path]) -> None:
    """Sort the imports and rewrap lines for the new length of the name."""
    modules = [str(path) for path in paths if path.suffix == ".py"]
    pages = [str(path) for path in paths if path.suffix == ".md"]
    for arguments in (
        # Fixes what a shorter name makes redundant: I and RUF100.
        ("check", "--fix-only", "--fixable=I,RUF100", *modules),
        ("format", *modules, *pages),
        # Messages of the server that are too long now.
        ("check", "--select=E501", "--add-noqa", *modules),
        ("format", *modules, *pages),
    ):
        done = subprocess.run(  # noqa: S603
            [console.PROGRAMS / "ruff", *arguments],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise names.BadName(f"ruff can't format the project: {done.stderr}")


def install(root: Path, old: Name) -> None:
    """Install the project under its new name, if the old one is installed from here."""
    if not is_installed_from(root, old.hyphen):
        sys.stdout.write("Run make install, then make check, and commit.\n")
        return
    editable = ["--no-deps", "--no-build-isolation", "--editable", str(root)]
    uninstall, install = installer()
    for command in ([*uninstall, old.hyphen], [*install, *editable]):
        # pip shows what setuptools warns of, even if it is to be quiet.
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            sys.stderr.buffer.write(done.stderr)
            console.fail("The environment still has the old name: run make install.")
    sys.stdout.write(
        "It is installed under its new name. Run make check, and commit.\n"
    )


def installer() -> tuple[list[str], list[str]]:
    """Return the commands that uninstall and install here: of uv, or else of pip."""
    uv = console.PROGRAMS / "uv"
    if uv.exists():
        here = ["--quiet", "--python", sys.executable]
        return [str(uv), "pip", "uninstall", *here], [str(uv), "pip", "install", *here]
    pip = [sys.executable, "-m", "pip"]
    return [*pip, "uninstall", "--quiet", "--yes"], [*pip, "install", "--quiet"]


def is_installed_from(root: Path, distribution: str) -> bool:
    """Whether this environment has the project, editable, from this folder."""
    try:
        origin = metadata.distribution(distribution).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return False
    return bool(json.loads(origin or "{}").get("url") == root.as_uri())
