"""`apiserver reset` throws the database of development away, and no other."""

import sqlite3
import sys

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.orm import Session

from tests.doors import Door, run_command
from tests.factories import make_user
from tests.served import clean_environment
from tests.typed import Terminal, again

pytestmark = pytest.mark.usefixtures("pure")


@pytest.fixture
def ini(tmp_path):
    """A function that writes the settings of a developer on a database."""

    def write(url="", **more):
        values = {"production": "false", "prepare_database": "true", **more}
        lines = [f"apiserver.{name} = {value}" for name, value in values.items()]
        head = f"[app:main]\nuse = egg:apiserver\nsqlalchemy.url = {url}\n"
        file = tmp_path / "own.ini"
        file.write_text(head + "\n".join(lines))
        return str(file)

    return write


@pytest.fixture
def own_url(make_database):
    """The URL of a database that may be thrown away."""
    return make_database()


@pytest.fixture
def reset(ini, own_url, capsys, monkeypatch):
    """A function that runs the command; DATABASE_URL names the database."""
    door = Door(run_command, own_url, capsys, monkeypatch)
    return lambda *arguments, **more: door("reset", "-i", ini(**more), *arguments)


@pytest.fixture
def reset_own(ini, capsys, monkeypatch):
    """A function that runs the command on the database of the ini file."""
    door = Door(run_command, "", capsys, monkeypatch)
    return lambda url: door("reset", "-i", ini(url))


def tables(url):
    engine = create_engine(url)
    found = inspect(engine).get_table_names()
    engine.dispose()
    return found


@pytest.fixture
def filled(own_url, folder, capsys, monkeypatch):
    door = Door(run_command, own_url, capsys, monkeypatch)
    monkeypatch.chdir(folder)
    assert door("init-development-data", "-i", "testing.ini")[0] == 0
    return own_url


class TestReset:
    def test_throws_everything_away(self, reset, filled):
        engine = create_engine(filled)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE other_code (id INTEGER)"))
            connection.execute(text("CREATE VIEW seen AS SELECT 1 AS one"))
        engine.dispose()
        status, printed, error = reset("--yes")
        assert (status, error) == (0, "")
        assert printed.startswith("Deleted ")
        assert printed.endswith("The server recreates it when it starts: make run.\n")
        assert tables(filled) == []
        assert reset("--yes")[0] == 0

    def test_may_be_of_code_that_is_not_here(self, reset, filled):
        engine = create_engine(filled)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO alembic_version VALUES ('0a1b2c')"))
        engine.dispose()
        assert reset("--yes")[0] == 0
        assert tables(filled) == []

    def test_asks_nothing_about_that_of_the_file(self, reset_own, tmp_path):
        url = f"sqlite:///{tmp_path}/own.db"
        sqlite3.connect(tmp_path / "own.db").close()
        assert reset_own(url)[0] == 0
        assert not (tmp_path / "own.db").exists()


class TestRefusal:
    def test_of_a_database_that_the_environment_names(self, reset, filled):
        status, printed, error = reset()
        assert (status, printed) == (1, "")
        assert error.startswith("DATABASE_URL names ")
        assert error.endswith(": add --yes to delete it (make reset ARGS=--yes).\n")
        assert "user" in tables(filled)

    @pytest.mark.parametrize(
        ("more", "sentence"),
        [
            ({"production": "true"}, "own.ini is for production: only development"),
            (
                {"prepare_database": "false"},
                "the server would not recreate the database",
            ),
        ],
    )
    def test_by_settings_of_others(self, reset, filled, more, sentence):
        status, _, error = reset("--yes", **more)
        assert status == 1
        assert sentence in error
        assert "user" in tables(filled)

    def test_of_users_without_the_demo_data(self, reset, own_url):
        engine = create_engine(own_url)
        with Session(engine) as db, db.begin():
            make_user(db)
        engine.dispose()
        status, _, error = reset("--yes")
        assert status == 1
        assert "has users, but not the client of the demo data" in error
        assert "user" in tables(own_url)

    def test_of_a_file_that_is_open(self, reset_own, tmp_path):
        url = f"sqlite:///{tmp_path}/own.db"
        with sqlite3.connect(tmp_path / "own.db") as server:
            server.execute("PRAGMA journal_mode = WAL")
            server.execute("CREATE TABLE thing (id INTEGER)")
            server.commit()
            server.execute("SELECT * FROM thing").fetchall()
            done = reset_own(url)
        server.close()
        assert done == (1, "", f"{tmp_path}/own.db is in use: stop the server first.\n")


@pytest.mark.slow
def test_question_at_a_terminal_is_answered_by_yes_alone(ini, filled, tmp_path):
    terminal = Terminal(
        *(sys.executable, "-c", again(4, "reset", "-i", ini())),
        cwd=tmp_path,
        env=clean_environment(DATABASE_URL=filled, TERM="dumb"),
        start_new_session=True,
    )

    def answer(line, end, then):
        terminal.wait_for("? [yes/no] ")
        terminal.shown = ""
        terminal.type(line, end=end)
        terminal.wait_for(then)
        return terminal.shown

    for number, (line, end) in enumerate((("no", "\r"), ("y", "\r"), ("", "\x04"))):
        said = answer(line, end, f"status 1 of {number}")
        assert "Nothing was deleted." in said
    assert "user" in tables(filled)
    assert "Deleted " in answer("Yes", "\r", "status 0 of 3")
    assert tables(filled) == []
    assert terminal.process.wait(timeout=30) == 0
