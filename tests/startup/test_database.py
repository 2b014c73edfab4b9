"""A database that can't be used, at each door that asks for it."""

import sqlite3

import pytest

from tests.conftest import SERVER
from tests.startup.conftest import CONNECTING, DOORS

OTHER = "DATABASE_URL, or sqlalchemy.url, begins with "
NO_URL = "DATABASE_URL, or sqlalchemy.url, must be a database URL, such as postgresql"


@pytest.fixture
def with_url(settings, monkeypatch):
    """A function that writes an ini file, and sets DATABASE_URL."""

    def write(url):
        ini = settings(prepare_database="true")
        monkeypatch.setenv("DATABASE_URL", url)
        return ini

    return write


URLS = [
    ("postgresql://user:secret@127.0.0.1:port/x", NO_URL),
    ("mysql://user:secret@127.0.0.1/x", OTHER),
    ("nonsense", NO_URL),
    ("'sqlite:///x.db'", NO_URL),
    ("postgresql://user:secret@127.0.0.1:99999/x", NO_URL),
    ("postgresql+psycopg2://127.0.0.1/x", OTHER),
    ("sqlite+aiosqlite:///x.db", OTHER),
]


class TestUrl:
    @pytest.mark.parametrize(
        ("name", "url", "sentence"),
        [(n, *url) for n in DOORS for url in (URLS if n == "alembic" else URLS[:1])],
    )
    def test_is_refused_without_its_password(self, door, with_url, name, url, sentence):
        said = door(name, with_url(url))
        assert said.startswith(sentence)
        assert "secret" not in said

    @pytest.mark.parametrize("name", DOORS)
    def test_is_missing(self, door, settings, name):
        ini = settings()
        text = ini.read_text("utf-8").replace("sqlalchemy.url = ", "# ")
        ini.write_text(text, "utf-8")
        sentence = "No database: set DATABASE_URL, or sqlalchemy.url."
        assert door(name, ini) == sentence


@pytest.mark.parametrize("name", DOORS)
class TestFile:
    def test_needs_its_folder(self, door, with_url, tmp_path, name):
        ini = with_url(f"sqlite:///{tmp_path}/nowhere/x.db")
        said = door(name, ini)
        assert (
            f"x.db: the folder {tmp_path}/nowhere does not exist. Set DATABASE" in said
        )

    def test_is_no_folder(self, door, with_url, tmp_path, name):
        assert "it is a folder" in door(name, with_url(f"sqlite:///{tmp_path}"))

    def test_is_a_database(self, door, with_url, tmp_path, name):
        (tmp_path / "x.db").write_text("Dear diary, today I have begun to write.")
        said = door(name, with_url(f"sqlite:///{tmp_path}/x.db"))
        assert f"{tmp_path}/x.db: the file is not an SQLite database." in said


class TestRevision:
    @pytest.mark.parametrize(
        "name", [name for name in CONNECTING if name != "apiserver"]
    )
    def test_of_other_code_is_named_with_the_cure(self, door, with_url, tmp_path, name):
        database = sqlite3.connect(tmp_path / "x.db")
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR)")
        database.execute("INSERT INTO alembic_version VALUES ('0a1b2c')")
        database.commit()
        database.close()
        assert door(name, with_url(f"sqlite:///{tmp_path}/x.db")) == (
            "The database is at revision 0a1b2c, which this code doesn't have: use the "
            "code that has it, or delete the development database: make reset."
        )

    def test_is_missing(self, door, with_url, tmp_path):
        ini = with_url(f"sqlite:///{tmp_path}/x.db")
        said = door("apiserver", ini)
        assert said.startswith("The database is not migrated (no such table: ")
        assert said.endswith(f"): alembic -c {ini} upgrade head.")


@pytest.mark.parametrize("name", CONNECTING)
class TestPostgresql:
    def test_that_does_not_listen_is_named(self, door, with_url, name):
        said = door(name, with_url("postgres://user:secret@127.0.0.1:1/x"))
        assert said.startswith("The database can't be reached: ")
        assert "port 1 failed: Connection refused" in said
        assert "secret" not in said

    def test_of_no_host_is_named(self, door, with_url, name):
        said = door(name, with_url("postgresql://user@host.invalid/x"))
        assert said.startswith("The database can't be reached: failed to resolve host")

    @pytest.mark.skipif(SERVER is None, reason="needs TEST_DATABASE_URL")
    def test_without_the_database_is_named(self, door, with_url, name):
        said = door(name, with_url(f"{SERVER.rpartition('/')[0]}/nowhere"))
        assert 'FATAL: database "nowhere" does not exist. Check DATABASE_URL.' in said
