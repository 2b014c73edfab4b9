"""A copy of the migrations, to which a test adds, and a filled database."""

import shutil
from textwrap import indent

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from apiserver.core.db import make_engines
from tests.conftest import INI, ROOT
from tests.doors import Door, run_task
from tests.migrations.filling import fill

REVISION = '''"""A migration by hand."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{head}"


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''


@pytest.fixture
def url(make_database):
    return make_database(migrated=True)


@pytest.fixture
def engine(url):
    """The engine of the database, in each of whose tables there are rows."""
    engine, reading = make_engines(url)
    fill(engine)
    yield engine
    engine.dispose()
    reading.dispose()


@pytest.fixture
def project(tmp_path):
    """A folder with an ini file, and the migrations beside it."""
    # With what Python has compiled: each test would compile all of it.
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    shutil.copy(INI, tmp_path)
    return tmp_path


@pytest.fixture
def head(project):
    """A function that returns the newest revision."""

    def head():
        scripts = ScriptDirectory.from_config(Config(str(project / "testing.ini")))
        return scripts.get_current_head()

    return head


@pytest.fixture
def write(project, head):
    """A function that writes the next migration, and returns its revision."""

    def write(upgrade, downgrade="pass"):
        scripts = ScriptDirectory.from_config(Config(str(project / "testing.ini")))
        revision = f"{len(list(scripts.walk_revisions())):012}"
        text = REVISION.format(
            revision=revision,
            head=head(),
            upgrade=indent(upgrade.strip(), "    "),
            downgrade=indent(downgrade.strip(), "    "),
        )
        (project / f"migrations/versions/{revision}.py").write_text(text)
        return revision

    return write


@pytest.fixture
def task(url, engine, project, capsys, monkeypatch):
    """A function that runs a task of the database's; status, output and errors."""
    door = Door(run_task, url, capsys, monkeypatch)
    monkeypatch.chdir(project)
    return lambda name, *arguments: door(
        f"app.db.{name}", *arguments, "--ini", "testing.ini"
    )


@pytest.fixture
def well(task):
    """A function that runs a task, which must do well; its output."""

    def run(name, *arguments):
        status, printed, error = task(name, *arguments)
        assert (status, error) == (0, "")
        return printed

    return run
