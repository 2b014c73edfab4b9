"""The database's tasks: Alembic's commands as `invoke app.db.*`."""

import shutil

import pytest
from sqlalchemy import create_engine, inspect

from tests.conftest import INI, ROOT
from tests.test_migrations import REVISIONS

HEAD = REVISIONS[-1]
ON_TESTING = ("--ini", "testing.ini")


@pytest.fixture
def url(make_database):
    return make_database(migrated=True)


@pytest.fixture
def alembic(invoke):
    """A function that runs a task of the database's, which must do well."""

    def run(name, *arguments):
        status, printed, error = invoke(f"app.db.{name}", *arguments, *ON_TESTING)
        assert (status, error) == (0, "")
        return printed

    return run


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the migrations, with an ini file, to which can be written."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations", ignore=ignored)
    shutil.copy(INI, tmp_path)
    return tmp_path


@pytest.fixture
def written(alembic, project, monkeypatch):
    """A function that runs a task there, and returns the names that it has written."""

    def run(name, *arguments):
        monkeypatch.chdir(project)
        before = set(project.glob("migrations/versions/*.py"))
        alembic(name, *arguments)
        after = set(project.glob("migrations/versions/*.py"))
        return [path.name.split("_", 4)[-1] for path in after - before]

    return run


class TestUpgrade:
    def test_and_downgrade_lead_up_and_down(self, alembic):
        assert f"{HEAD} (" in alembic("current")
        alembic("downgrade")
        assert HEAD not in alembic("current")
        alembic("upgrade")
        assert f"{HEAD} (" in alembic("current")

    def test_prints_statements_alone_when_told_so(self, alembic, url):
        alembic("downgrade", "--revision", "base")
        # PostgreSQL's word is quoted.
        printed = alembic("upgrade", "--sql").replace('"', "")
        assert "CREATE TABLE user (" in printed
        engine = create_engine(url)
        assert inspect(engine).get_table_names() == ["alembic_version"]
        engine.dispose()


class TestWriting:
    def test_migrate_writes_nothing_without_changes(self, written):
        assert written("migrate", "--message", "change nothing") == []

    def test_migrate_writes_what_is_missing(self, written, alembic):
        alembic("downgrade", "--revision", "base")
        alembic("stamp")
        assert written("migrate", "-m", "make tables again") == ["make_tables_again.py"]

    def test_revision_writes_an_empty_one(self, written, project):
        assert written("revision", "-m", "fill in titles") == ["fill_in_titles.py"]
        (path,) = project.glob("migrations/versions/*_fill_in_titles.py")
        assert f'down_revision = "{HEAD}"' in path.read_text()

    def test_merge_joins_two_lines(self, written, alembic, project):
        for message in ("left", "right"):
            written("revision", "-m", message)
            (path,) = project.glob(f"migrations/versions/*_{message}.py")
            # Both go on from what was the newest before.
            lines = path.read_text().splitlines()
            changed = [
                f"down_revision = {HEAD!r}" if line.startswith("down_rev") else line
                for line in lines
            ]
            path.write_text("\n".join(changed) + "\n")
        assert alembic("heads").count("(central)") == 2
        assert alembic("branches") != ""
        assert written("merge", "-m", "join both") == ["join_both.py"]
        assert alembic("heads").count("(central)") == 1

    def test_edit_opens_the_editor(self, alembic, project, monkeypatch):
        monkeypatch.chdir(project)
        monkeypatch.setenv("EDITOR", "sed -i 1s/^/#edited/")
        alembic("edit")
        edited = [path.read_text() for path in project.glob("migrations/versions/*")]
        assert any(text.startswith("#edited") for text in edited)


class TestLooking:
    def test_shows_a_revision(self, alembic):
        assert f"Rev: {HEAD} (head)" in alembic("show")
        assert f"Rev: {REVISIONS[0]}" in alembic("show", "--revision", REVISIONS[0])

    def test_lists_all_of_them(self, alembic):
        printed = alembic("history")
        assert [each for each in REVISIONS if each not in printed] == []

    def test_says_that_the_models_have_not_changed(self, alembic):
        assert alembic("check") == "No new upgrade operations detected.\n"

    def test_names_an_unknown_revision(self, invoke):
        done = invoke("app.db.show", "--revision", "xx", *ON_TESTING)
        assert done == (1, "", "Can't locate revision identified by 'xx'.\n")


class TestInitDevelopmentData:
    TASK = ("app.db.init-development-data", *ON_TESTING)

    def test_fills_in_once(self, invoke):
        filled = "The demo data is loaded.\n"
        assert invoke(*self.TASK) == (0, filled, "")
        assert invoke(*self.TASK) == (1, "", "The database is not empty.\n")

    def test_leaves_users_alone_when_told_so(self, invoke):
        for sentence in (
            "The demo data is loaded.\n",
            "The database is not empty. Nothing was changed.\n",
        ):
            assert invoke(*self.TASK, "--skip-on-failure") == (0, sentence, "")
