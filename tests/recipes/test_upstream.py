"""The recipe of updating a clone, followed with git in a folder of its own."""

import os
import re
import shlex
import shutil
import subprocess

import pytest
from alembic.script import ScriptDirectory

from tests.conftest import ROOT
from tests.markdown import blocks
from tests.recipes.documents import RECIPES
from tests.served import BIN, clean_environment
from tests.settings import SHIPPED, shipped_ini
from tests.tools import needs

pytestmark = [pytest.mark.slow, needs("git")]

# The newest migration of the project.
HEAD = ScriptDirectory(ROOT / "migrations").get_current_head()
FOLDERS = ("apiserver", "migrations", "requirements", "tasks")
FILES = ("*.ini", "*.py", "*.toml", "Makefile", ".gitignore")

# A migration, of one side or the other, after those that there are.
MIGRATION = '''"""Change the tables."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{head}"


def upgrade():
    {change}
'''
MOTTO = 'op.add_column("team", sa.Column("motto", sa.String(50)))'
ORDER = 'op.create_table("order", sa.Column("id", sa.Integer, primary_key=True))'
FEATURE = '''"""Orders."""


def includeme(config):
    config.add_scope("orders:read", "See orders.")
'''


def copy_project(folder):
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for pattern in FILES:
        for path in ROOT.glob(pattern):
            shutil.copy(path, folder)
    (folder / "tests").mkdir()
    (folder / "tests/__init__.py").write_text("")
    # As they are shipped, whatever has become of them since.
    (folder / "development.ini").write_text(shipped_ini("development.ini", "%(here)s"))
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n### Added\n")


def run(command, folder):
    """Run a command in a copy of the project; return what it prints."""
    git = {
        f"GIT_{who}_{what}": f"somebody{'@example.com' if what == 'EMAIL' else ''}"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    environment = clean_environment(
        **git,
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_MERGE_AUTOEDIT="no",
        DATABASE_URL=f"sqlite:///{folder}.db",
        PYTHONPATH=str(folder),
        PYTHONDONTWRITEBYTECODE="1",
        # What make would install is there.
        MAKEFLAGS="INSTALL=:",
    )
    done = subprocess.run(  # noqa: S603
        shlex.split(command),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def commit(folder, message):
    run("git add --all", folder)
    run(f"git commit --quiet --message '{message}'", folder)


def write_migration(folder, revision, change):
    text = MIGRATION.format(revision=revision, head=HEAD, change=change)
    (folder / f"migrations/versions/2026_12_01_1200_{revision}.py").write_text(text)


def replace(path, pattern, by):
    text, count = re.subn(pattern, by, path.read_text("utf-8"), flags=re.MULTILINE)
    assert count == 1
    path.write_text(text, "utf-8")


@pytest.fixture
def upstream(tmp_path):
    """A repository with the project as it is."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    copy_project(folder)
    run("git init --quiet --initial-branch main", folder)
    commit(folder, "As it is")
    return folder


@pytest.fixture
def clone(upstream, tmp_path):
    """A clone with a feature of its own, switched on, and what make has installed."""
    folder = tmp_path / "clone"
    run(f"git clone --quiet {upstream} {folder}", tmp_path)
    (folder / ".venv").mkdir()
    (folder / ".venv/bin").symlink_to(BIN)
    (folder / "apiserver/orders").mkdir()
    (folder / "apiserver/orders/__init__.py").write_text(FEATURE)
    write_migration(folder, "0e0e0e0e0e0e", ORDER)
    replace(folder / "development.ini", "^(apiserver.features = .*)$", r"\1 orders")
    commit(folder, "Add orders")
    return folder


def commands():
    """Return the commands of the document, block by block."""
    found = [b.text.splitlines() for b in blocks(RECIPES / "upstream.md")]
    assert [len(each) for each in found] == [5, 1]
    return found


class TestUpdate:
    def test_brings_what_upstream_has_and_keeps_ones_own(self, upstream, clone):
        update, join = commands()
        replace(upstream / "CHANGELOG.md", "^### Added$", "### Added\n\n- Mottoes.")
        replace(upstream / "development.ini", "^(apiserver.signup) .*$", r"\1 = closed")
        write_migration(upstream, "0f0f0f0f0f0f", MOTTO)
        commit(upstream, "Give teams a motto")

        *_, heads = [run(c.replace("URL", str(upstream)), clone) for c in update]
        assert "- Mottoes." in (clone / "CHANGELOG.md").read_text("utf-8")
        ini = (clone / "development.ini").read_text("utf-8")
        assert f"{SHIPPED} orders\n" in ini
        assert "apiserver.signup = closed" in ini
        central = [line for line in heads.splitlines() if "(central)" in line]
        assert len(central) == 2
        assert "0f0f0f0f0f0f (central) (head)" in central

        run(join[0], clone)
        joined = ScriptDirectory(clone / "migrations")
        assert len(joined.get_heads()) == 1
        revisions = {each.revision for each in joined.walk_revisions()}
        assert {HEAD, "0e0e0e0e0e0e", "0f0f0f0f0f0f"} < revisions
