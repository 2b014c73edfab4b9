"""Servers and databases of a test's own, to be broken; and the table of what held.

``make faults`` runs them all, the long ones with 300 rounds.
"""

import re
from contextlib import contextmanager

import httpx
import pytest

from apiserver.migrating import main
from tests import factories, postgresql
from tests.client import Client
from tests.forked import fork, in_fork
from tests.served import clean_environment
from tests.settings import shipped_ini
from tests.tools import need

SCOPES = ("teams:read", "teams:write", "users:read")
LISTENING = """use = egg:apiserver#waitress
listen = 127.0.0.1:0"""


def pytest_addoption(parser):
    parser.addoption("--rounds", type=int, default=3, help="how often to kill a server")


def pytest_terminal_summary(terminalreporter):
    """Print what was broken, and how that went."""
    rows = [
        (dict(report.user_properties), report.outcome)
        for report in terminalreporter.getreports("passed")
        + terminalreporter.getreports("failed")
        if report.when == "call" and "fault" in dict(report.user_properties)
    ]
    for told, outcome in rows:
        line = f"{outcome:8} {told['fault']} {told.get('figures', '')}"
        terminalreporter.write_line(line.rstrip())


def alembic(*arguments, url):
    """Run Alembic's command on a database; return status, output and errors."""
    about = {"environment": clean_environment(DATABASE_URL=url)}
    return in_fork(main, "-c", "testing.ini", *arguments, **about)


@pytest.fixture(autouse=True)
def fault(request, record_property):
    """The sentence of the test, for the table."""
    broken = request.node.cls.__name__.removeprefix("Test")
    broken = re.sub(r"(?<!^)(?=[A-Z])", " ", broken).lower()
    sentence = request.node.name.removeprefix("test_").replace("_", " ")
    record_property("fault", f"{broken:24} {sentence}")


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL server, migrated, that may be broken and is mended afterwards."""
    need("PostgreSQL")
    with postgresql.running() as server:
        server.migrate()
        yield server


@pytest.fixture
def db(server):
    with server.session() as session:
        yield session


@pytest.fixture
def app(make_app, server):
    app = make_app(server.url, statement_timeout="1")
    yield app
    for sessions in (app.registry.write_sessions, app.registry.read_sessions):
        sessions.kw["bind"].dispose()


@pytest.fixture
def token(db):
    token = factories.make_token(db, factories.make_user(db), scopes=SCOPES)
    db.commit()
    return token


@pytest.fixture
def caller(app, token):
    return Client(app, token)


@pytest.fixture
def start(tmp_path):
    """A function for ``with start(url) as (process, client):``, a server by itself."""
    ini = tmp_path / "own.ini"
    ini.write_text(shipped_ini("production.ini"))

    @contextmanager
    def start(url, **settings):
        variables = {f"APISERVER_{name.upper()}": v for name, v in settings.items()}
        environment = clean_environment(
            DATABASE_URL=url,
            APISERVER_ISSUER="https://api.example.com",
            APISERVER_PRODUCTION="false",
            **variables,
        )
        with (
            fork(ini, environment) as program,
            httpx.Client(base_url=program.url(), timeout=60) as client,
        ):
            yield program, client

    return start
