"""The files of a feature, from the templates, in the project's format."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import jinja2
from alembic.script import ScriptDirectory
from alembic.util import rev_id

from apiserver.prepare import configuration
from tasks import console
from tasks.feature.names import Names

TEMPLATES = Path(__file__).parent / "templates"
# The folder that the files of each folder of templates go to.
TARGETS = {"feature": Path("apiserver"), "tests": Path("tests")}

environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    variable_start_string="<<",
    variable_end_string=">>",
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # noqa: S701 (it writes Python)
)


def render(names: Names) -> dict[Path, str]:
    """Return the text of each file, by its path in the project."""
    return {
        TARGETS[folder.name] / names.plural / template.stem: fill(
            f"{folder.name}/{template.name}", names
        )
        for folder in sorted(TEMPLATES.iterdir())
        if folder.name in TARGETS
        for template in sorted(folder.glob("*.jinja2"))
    }


def fill(template: str, names: Names) -> str:
    return environment.get_template(template).render(names.context())


def write(root: Path, files: Mapping[Path, str]) -> None:
    """Write the files, whose folders must not be there yet, and format them."""
    for folder in {path.parent for path in files}:
        (root / folder).mkdir(parents=True)
    for path, text in files.items():
        (root / path).write_text(text, "utf-8")
    # How long the names are decides where imports stand and lines break.
    for command in (("check", "--fix", "--select=I"), ("format",)):
        subprocess.run(  # noqa: S603
            [console.PROGRAMS / "ruff", *command, "--quiet", *files],
            cwd=root,
            check=True,
        )


def write_migration(ini: str, names: Names) -> Path:
    """Write the migration that comes after the newest; Alembic names and dates it."""
    script = ScriptDirectory.from_config(configuration(ini)).generate_revision(
        rev_id(),
        f"create {names.plural.replace('_', ' ')}",
        head="head",
        upgrades=fill("upgrade.py.jinja2", names).strip(),
        downgrades=fill("downgrade.py.jinja2", names).strip(),
    )
    assert script is not None  # noqa: S101 (only a failing template gives None)
    return Path(script.path)
