"""Fixtures: the whole application on a real database, undone after each test.

A test runs in one transaction that is rolled back; what the application commits are
savepoints inside of it. Tests that need several connections ask for
``make_database``, which gives them a database of their own.
"""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, make_url
from sqlalchemy.pool import QueuePool

from apiserver.core.db import Session, make_engines
from apiserver.users import hashing
from tests import factories, lock_order, postgresql, settings
from tests.client import Client
from tests.conformance.report import Collector
from tests.databases import INI, SERVER, Databases
from tests.distribution import (
    pytest_collection_modifyitems,
    pytest_xdist_make_scheduler,
)
from tests.events import stored_events
from tests.gone import pytest_terminal_summary
from tests.racers import Racers
from tests.redis_database import own_database
from tests.slow import (
    pytest_ignore_collect,
    pytest_itemcollected,
    pytest_xdist_auto_num_workers,
)
from tests.tools import need, path_of, pytest_runtest_setup

__all__ = [
    "INI",
    "SERVER",
    "pytest_collection_modifyitems",
    "pytest_ignore_collect",
    "pytest_itemcollected",
    "pytest_runtest_setup",
    "pytest_terminal_summary",
    "pytest_xdist_auto_num_workers",
    "pytest_xdist_make_scheduler",
]

ROOT = Path(__file__).parent.parent


def pytest_configure(config: Any) -> None:
    """Forget settings of the environment, which override those of the tests.

    And that a shell's background ignores Ctrl+C, which programs would inherit.
    """
    config.pluginmanager.register(Collector(), "requirements")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in list(os.environ):
        if name.startswith(("APISERVER_", "DATABASE_")):
            del os.environ[name]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Look for no garbage among what stays until the end: modules, tests, applications.

    It took a third of the time of collecting the tests, and a tenth of running them.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Look for garbage once, whose warnings are errors; pytest does so five times."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    if SERVER:
        return f"database: {make_url(SERVER).get_backend_name()}"
    return "database: SQLite (TEST_DATABASE_URL names no other)"


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Hash passwords as the factories do: signing in would store them anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "HASHER", factories.HASHER)
        yield


@pytest.fixture(scope="session")
def make_database(tmp_path_factory: Any) -> Iterator[Callable[..., str]]:
    """A function that makes a migrated, empty database and returns its URL.

    With the tables of the examples, unless all is to be as it is ``migrated=True``.
    """
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases.make
    databases.drop()


@pytest.fixture(scope="session")
def engines() -> list[Any]:
    """The engines of all applications that were made."""
    return []


@pytest.fixture(scope="module", autouse=True)
def close_idle_connections(engines: list[Any]) -> Iterator[None]:
    """Close what no test of the module needs any more: PostgreSQL allows 100."""
    yield
    for engine in engines:
        # Disposing makes a new pool, which takes long for hundreds of engines.
        if not isinstance(engine.pool, QueuePool) or engine.pool.checkedin():
            engine.dispose()


@pytest.fixture(scope="session")
def make_app(engines: list[Any]) -> Iterator[Callable[..., Any]]:
    """A function that makes the application that is shipped, with more settings."""

    def make(url: str, **more: str) -> Any:
        named = {f"apiserver.{name}": value for name, value in more.items()}
        app = settings.make({**settings.TESTING, "sqlalchemy.url": url, **named})
        sessions = (app.registry.write_sessions, app.registry.read_sessions)
        engines.extend(factory.kw["bind"] for factory in sessions)
        return app

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="session")
def make_pure_app(make_app: Callable[..., Any]) -> Callable[..., Any]:
    """A function that makes the application without the optional features.

    It starts in a third of the time.
    """
    return partial(make_app, features=settings.PURE)


@pytest.fixture
def pure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the optional features out where an ini file names them."""
    monkeypatch.setenv("APISERVER_FEATURES", settings.PURE)


@pytest.fixture(scope="session")
def database_url(make_database: Callable[[], str]) -> str:
    return make_database()


@pytest.fixture(scope="session")
def app(database_url: str, make_app: Callable[..., Any]) -> Any:
    """The application with the features that are shipped."""
    return make_app(database_url)


@pytest.fixture(scope="session")
def shared_app(database_url: str, make_app: Callable[..., Any]) -> Callable[..., Any]:
    """A function that returns the application with some settings, which is made once.

    For tests that don't mind what others have done with it.
    """
    made: dict[frozenset[Any], Any] = {}

    def make(**more: str) -> Any:
        key = frozenset(more.items())
        if key not in made:
            made[key] = make_app(database_url, **more)
        return made[key]

    return make


@pytest.fixture(scope="session")
def make_project_app(shared_app: Callable[..., Any]) -> Callable[..., Any]:
    """A function that returns the application of the project.

    It has the features that testing.ini has, and those that are given.
    """

    def make(*features: str) -> Any:
        own = settings.own_settings(*features)
        named = {k.removeprefix("apiserver."): value for k, value in own.items()}
        return shared_app(**named)

    return make


@pytest.fixture(scope="session")
def engine(app: Any) -> Any:
    return app.registry.engine


@pytest.fixture
def connection(engine: Any) -> Iterator[Connection]:
    """The one connection of a test, in a transaction that is rolled back."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def own_connection(make_database: Callable[..., str]) -> Iterator[Connection]:
    """A connection to a database of the test's own, which is migrated to the head."""
    engine, reading = make_engines(make_database(migrated=True))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    reading.dispose()


def bind(app: Any, connection: Connection) -> None:
    """Let an application work inside of the test's transaction."""
    app.registry.write_sessions.configure(
        bind=connection, join_transaction_mode="create_savepoint"
    )
    app.registry.read_sessions.configure(
        bind=connection, join_transaction_mode="rollback_only"
    )


class PreparingSession(Session):
    """What ``request.db`` is, but for commits: they are flushes, and log nothing.

    A savepoint for each took a quarter of the tests' time.
    """

    def commit(self) -> None:
        self.flush()


@pytest.fixture
def db(connection: Connection) -> Iterator[Session]:
    """A session beside those of requests, for making and looking at rows."""
    with PreparingSession(
        connection, join_transaction_mode="rollback_only", expire_on_commit=False
    ) as session:
        yield session


@pytest.fixture
def make_user(db: Session) -> Callable[..., Any]:
    return lambda *args, **kw: factories.make_user(db, *args, **kw)


@pytest.fixture
def make_team(db: Session) -> Callable[..., Any]:
    return lambda *args, **kw: factories.make_team(db, *args, **kw)


@pytest.fixture
def make_client(db: Session) -> Callable[..., Any]:
    return lambda *args, **kw: factories.make_client(db, *args, **kw)


@pytest.fixture
def make_token(db: Session) -> Callable[..., str]:
    return lambda *args, **kw: factories.make_token(db, *args, **kw)


@pytest.fixture
def events(db: Session) -> Callable[[], list[dict[str, Any]]]:
    """A function that returns what the audit log has recorded."""
    return lambda: stored_events(db)


@pytest.fixture
def acts(
    events: Callable[[], list[dict[str, Any]]],
) -> Callable[..., list[tuple[Any, Any]]]:
    """A function that returns who has done the actions that are named, and to what."""
    return lambda *actions: [
        (each["actor_id"], each["target"])
        for each in events()
        if each["action"] in actions
    ]


@pytest.fixture
def api(app: Any, connection: Connection, db: Session) -> Callable[..., Client]:
    """A function that gives the test client of a caller.

    ``api()`` is anonymous; ``api(user)`` holds a token of the user with all scopes,
    ``api(user, scopes=["teams:read"])`` one with just these;
    ``api(client=client)`` is the token of an OAuth2 client itself;
    ``api(app=other)`` calls another application, made by ``make_app``.
    """

    def call(
        user: Any = None, *, client: Any = None, scopes: Any = None, app: Any = app
    ) -> Client:
        bind(app, connection)
        if user is None and client is None:
            return Client(app)
        scopes = app.registry.scopes if scopes is None else scopes
        token = factories.make_token(db, user, client=client, scopes=scopes)
        return Client(app, token)

    return call


@pytest.fixture
def statements(connection: Connection) -> Callable[[], Any]:
    """A function for ``with statements() as executed:``, the SQL that was executed.

    It must have locked rows in the order of all requests (``tests/lock_order.py``).
    """

    @contextmanager
    def record() -> Iterator[list[str]]:
        executed: list[str] = []
        # Of those that found no row nothing is locked.
        locking: list[str] = []

        def listen_after(_c: Any, cursor: Any, statement: str, *args: Any) -> None:
            if cursor.rowcount != 0:
                locking.append(statement)

        def listen(_c: Any, _cur: Any, statement: str, *args: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                executed.append(statement)

        event.listen(connection, "before_cursor_execute", listen)
        event.listen(connection, "after_cursor_execute", listen_after)
        try:
            yield executed
        finally:
            event.remove(connection, "before_cursor_execute", listen)
            event.remove(connection, "after_cursor_execute", listen_after)
        assert lock_order.inversions(locking) == []
        assert lock_order.overtaking(locking) == []

    return record


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a database of Redis that this worker alone uses."""
    need("Redis")
    with own_database() as url:
        yield url


@pytest.fixture(scope="session")
def own_postgresql() -> Iterator[postgresql.Server]:
    """A server of PostgreSQL, for all tests of this worker that don't break it."""
    need("PostgreSQL")
    with postgresql.running() as server:
        yield server


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    """What drives Chromium; a process can have one."""
    need("chromium")
    with import_module("playwright.sync_api").sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Any) -> Iterator[Any]:
    """A browser for all tests of this worker, in each of which it is another one's."""
    program = playwright.chromium.launch(executable_path=path_of("chromium"))
    yield program
    program.close()


@pytest.fixture(scope="session")
def racers(make_database: Callable[[], str]) -> Iterator[Racers]:
    """Processes that call at the same moment, on a database of their own."""
    with Racers(make_database()) as racers:
        yield racers


@pytest.fixture(scope="session")
def open_session(racers: Racers) -> Iterator[Callable[[], Session]]:
    """A function that opens a session on the database of the racers."""
    engines = make_engines(racers.url)
    yield lambda: Session(engines[0], expire_on_commit=False)
    for engine in engines:
        engine.dispose()
