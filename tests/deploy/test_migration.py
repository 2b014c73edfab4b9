"""An expanding migration of a populated database, while requests run."""

import re
import shutil
import subprocess
from pathlib import Path
from signal import SIGTERM

import httpx
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from tests.conftest import ROOT
from tests.deploy.load import Load
from tests.deploy.processes import Servers
from tests.served import BIN, status_at

TEAMS = 20_000

EXPANSION = '''
import sqlalchemy as sa
from alembic import op

revision = "eeeeeeeeeeee"
down_revision = "{head}"

BATCH = """
    UPDATE team SET name = title WHERE id IN (
        SELECT id FROM team WHERE name IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED
    )
"""


def upgrade() -> None:
    op.add_column("team", sa.Column("name", sa.String(50)))
    with op.get_context().autocommit_block():
        op.create_index("ix_team_name", "team", ["name"], postgresql_concurrently=True)
        while op.get_bind().execute(sa.text(BATCH)).rowcount:
            pass
'''


@pytest.fixture
def database(settings):
    """A connection to a database with many teams, undone afterwards."""
    engine = create_engine(settings["DATABASE_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        heads = connection.scalars(text("SELECT version_num FROM alembic_version"))
        before = [{"head": head} for head in heads]
        connection.execute(
            text(
                "INSERT INTO team (title, created, updated) SELECT 'Team ' || n, "
                "now(), now() FROM generate_series(1, :teams) n"
            ),
            {"teams": TEAMS},
        )
        yield connection
        connection.execute(text("ALTER TABLE team DROP COLUMN IF EXISTS name"))
        connection.execute(text("DELETE FROM team WHERE title LIKE 'Team %'"))
        connection.execute(text("DELETE FROM alembic_version"))
        insert = text("INSERT INTO alembic_version VALUES (:head)")
        connection.execute(insert, before)
    engine.dispose()


@pytest.fixture
def new_code(tmp_path, database):
    """What the next release adds to the project: a migration."""
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    shutil.copy(ROOT / "production.ini", tmp_path)
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy/serve", tmp_path / "deploy")
    migration = tmp_path / "migrations/versions/expand.py"
    migration.write_text(EXPANSION.format(head=head))
    return tmp_path


@pytest.fixture
def servers(tmp_path, settings):
    """A starter of servers, of this release and of the next."""
    servers = Servers(tmp_path, **settings)
    yield servers
    servers.stop()


def ask(port, path):
    return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False)


def upgrade(folder: Path, environment: dict[str, str]) -> None:
    command = [BIN / "alembic", "-c", "production.ini", "upgrade", "head"]
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


class TestExpansion:
    def test_fails_no_request(self, servers, account, new_code, database):
        old = servers.start()
        servers.wait()
        new = servers.start(project=new_code)
        servers.running[new].until(lambda: status_at(new, "/healthz") == 200)
        # The new code waits for its migration, and says so.
        refused = ask(new, "/readyz")
        assert refused.status_code == 503
        assert re.search("code needs .*eeeeeeeeeeee", refused.json()["detail"])

        make = lambda: httpx.Client(  # noqa: E731
            base_url=f"http://127.0.0.1:{old}", trust_env=False, timeout=30
        )
        with Load(make, account) as load:
            load.reaches(20)
            upgrade(new_code, servers.environment)
            load.reaches(20)
            assert ask(old, "/readyz").status_code == 200
        assert set(load.statuses) == {200, 201}

        assert ask(new, "/readyz").status_code == 200
        assert servers.running[old].end(SIGTERM) == 0
        filled = text("SELECT count(*) FROM team WHERE name = title")
        assert database.scalar(filled) >= TEAMS
        valid = text(
            "SELECT indisvalid FROM pg_index "
            "WHERE indexrelid = 'ix_team_name'::regclass"
        )
        assert database.scalar(valid)
