"""The doors: each program that is given an ini file, called in this process."""

import pytest
from invoke import Collection, Program

import tasks
from apiserver import commands, console, migrating
from apiserver.wsgi import APP_LOAD_ERROR, make_application
from tests.conftest import ROOT
from tests.doors import logging_as_it_was

INVOKE = Program(namespace=Collection.from_module(tasks), binary_names=["invoke"])


def serve_by_wsgi(ini, monkeypatch):
    monkeypatch.setenv("INI_FILE", ini)
    make_application()


# Those that make an application, and those that only ask for the database.
MAKING = {
    "pserve": lambda ini, _: console.pserve([ini]),
    "apiserver": lambda ini, _: commands.main(["purge-expired", ini]),
    "invoke": lambda ini, _: INVOKE.run(["invoke", "app.swagger", "-i", ini]),
    "wsgi": serve_by_wsgi,
}
ASKING = {
    "alembic": lambda ini, _: migrating.main(["-c", ini, "upgrade", "head"]),
    "invoke db": lambda ini, _: INVOKE.run(["invoke", "app.db.upgrade", "-i", ini]),
}
DOORS = {**MAKING, **ASKING}
# The server that wants to migrate at its start connects to the database, too.
CONNECTING = {"pserve": MAKING["pserve"], "apiserver": MAKING["apiserver"], **ASKING}


def status_of(name, ini, monkeypatch):
    """Go through a door; return the exit status."""
    with logging_as_it_was():
        try:
            return DOORS[name](str(ini), monkeypatch)
        except SystemExit as end:
            return end.code


@pytest.fixture
def door(capfd, monkeypatch):
    """A function that goes to a closed door, and returns what is said there."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    # A door that is open: the test fails, rather than never to end.
    monkeypatch.setattr("apiserver.ops.server.create_server", None)

    def enter(name, ini):
        status = status_of(name, ini, monkeypatch)
        printed, error = capfd.readouterr()
        assert status == (APP_LOAD_ERROR if name == "wsgi" else 1)
        assert printed == ""
        (sentence,) = error.splitlines()
        return sentence

    return enter


@pytest.fixture
def settings(tmp_path):
    """A function that writes an ini file of a developer, with further settings."""

    def write(*, server=(), **more):
        values = {
            "sqlalchemy.url": f"sqlite:///{tmp_path}/own.db",
            **{f"apiserver.{name}": value for name, value in more.items()},
        }
        lines = [f"{name} = {value}" for name, value in values.items()]
        text = (ROOT / "testing.ini").read_text("utf-8")
        head = "use = egg:apiserver\n"
        text = text.replace("sqlalchemy.url =\n", "")
        text = text.replace(head, head + "\n".join([*lines, ""]))
        text = text.replace("%(here)s", str(ROOT).replace("%", "%%"))
        text = text.replace("use = egg:waitress#main", "use = egg:apiserver#waitress")
        listen = dict(server) or {"listen": "127.0.0.1:0"}
        options = "\n".join(f"{name} = {value}" for name, value in listen.items())
        text = text.replace("listen = 127.0.0.1:5000", options)
        ini = tmp_path / "local.ini"
        ini.write_text(without_repetition(text), "utf-8")
        return ini

    return write


def without_repetition(text):
    """Leave out of [app:main] what an earlier line has given."""
    lines, seen = [], set()
    for line in text.splitlines():
        name = line.partition(" = ")[0]
        if name.startswith("apiserver.") and name in seen:
            continue
        seen.add(name)
        lines.append(line)
    return "\n".join(lines) + "\n"
