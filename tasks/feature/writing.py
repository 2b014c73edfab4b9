"""The files of a feature, from the templates, in the project's format.

They are created in a temporary folder, and copied once all of them exist.
"""

import json
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import jinja2
from alembic.script import ScriptDirectory
from alembic.util import rev_id

from apiserver.histories import CENTRAL, locate
from apiserver.prepare import configuration, without_histories
from tasks import console
from tasks.feature.migration import bodies
from tasks.feature.shape import Shape

TEMPLATES = Path(__file__).parent / "templates"
# The target folder for each folder of templates.
TARGETS = {"feature": Path("apiserver"), "tests": Path("tests")}
# Replacements for tests if fields or a place are given.
OF_FIELDS = "tests_of_fields"
# Where ruff looks for its settings.
RUFF = ("pyproject.toml", "ruff.toml", ".ruff.toml")

environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    variable_start_string="<<",
    variable_end_string=">>",
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # noqa: S701 (it writes Python)
)


class NotWritten(Exception):
    """The files can't be written; the sentence says why."""


def render(shape: Shape) -> dict[Path, str]:
    """Return the text of each file, by its path in the project."""
    return {
        target / shape.names.plural / Path(name).stem: fill(f"{folder}/{name}", shape)
        for part, target in TARGETS.items()
        for name, folder in sorted(templates(part, shape).items())
    }


def templates(part: str, shape: Shape) -> dict[str, str]:
    """Return the folders of the templates of a part, by the names of these."""
    folders = [part]
    if part == "tests" and not shape.is_plain:
        folders.append(OF_FIELDS)
    return {
        template.name: folder
        for folder in folders
        for template in (TEMPLATES / folder).glob("*.jinja2")
    }


def fill(template: str, shape: Shape) -> str:
    return environment.get_template(template).render(shape.context())


def make(
    root: Path, stage: Path, ini: str, shape: Shape, files: Mapping[Path, str]
) -> list[Path]:
    """Create all files in a staging folder, as in the project; return their paths.

    The last one is the migration. No database is asked.
    """
    for path, text in files.items():
        (stage / path).parent.mkdir(parents=True, exist_ok=True)
        (stage / path).write_text(text, "utf-8")
    models = files[TARGETS["feature"] / shape.names.plural / "models.py"]
    made = [*files, make_migration(root, stage, ini, shape, models)]
    tidy(root, stage)
    return made


def make_migration(
    root: Path, stage: Path, ini: str, shape: Shape, models: str
) -> Path:
    """Create the migration after the newest one; Alembic names and dates it.

    It belongs to the central history, whatever others there are.
    """
    config = configuration(ini)
    config.cmd_opts = Namespace(quiet=True)
    histories = config.attributes.get("histories", {})
    central = ScriptDirectory.from_config(without_histories(ini)).versions
    folder = stage / Path(central).resolve().relative_to(root.resolve())
    folder.mkdir(parents=True)
    locate(config, [*histories.values(), folder])
    scripts = ScriptDirectory.from_config(config)
    # These hooks would format it; tidy() does that, with the project's settings.
    scripts.hooks = []
    needed = [name for name in shape.requires if name in histories]
    made = bodies(models)
    script = scripts.generate_revision(
        rev_id(),
        f"create {shape.names.plural.replace('_', ' ')}",
        head=f"{CENTRAL}@head",
        version_path=folder,
        depends_on=[f"{name.rpartition('.')[2]}@head" for name in needed] or None,
        upgrades=made.upgrade,
        downgrades=made.downgrade,
        imports="\n".join(sorted(made.imports)),
    )
    assert script is not None  # noqa: S101 (only a failing template gives None)
    return Path(script.path).relative_to(stage)


def tidy(root: Path, stage: Path) -> None:
    """Format the files: the order of imports and line breaks depend on the names.

    Raises NotWritten.
    """
    for name in RUFF:
        if (root / name).exists():
            shutil.copy(root / name, stage)
    # ruff recognizes the project's packages only where all of them are.
    sources = f"src = {json.dumps(['.', str(root)])}"
    sort = ("check", "--fix", "--select=I", "--config", sources)
    for command in (sort, ("format",)):
        done = subprocess.run(  # noqa: S603
            [console.PROGRAMS / "ruff", *command, "--quiet", "--no-cache", "."],
            cwd=stage,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr or done.stdout
            raise NotWritten(f"ruff fails, and nothing was changed. It says: {said}")


def copy(stage: Path, root: Path, paths: Iterable[Path]) -> None:
    """Copy files into the project: all of them, or none."""
    with ExitStack() as undo:
        for path in paths:
            target = root / path
            missing = [f for f in (target, *target.parents) if not f.exists()]
            for folder in reversed(missing[1:]):
                folder.mkdir()
                undo.callback(folder.rmdir)
            with target.open("x", encoding="utf-8") as file:
                undo.callback(target.unlink)
                file.write((stage / path).read_text("utf-8"))
        undo.pop_all()


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors of disks, folders and source files into NotWritten."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise NotWritten(f"{where}{error.strerror}. Nothing was changed.") from error
    except SyntaxError as error:
        place = f"{error.filename}, line {error.lineno}"
        raise NotWritten(f"{place}: {error.msg}. Nothing was changed.") from error
