"""A server in a process of its own, and what its clients and users begin with.

Rows are made by the factories of all tests, but in a session that really commits:
nothing is undone, and each test makes what it needs.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from apiserver.auth.tokens import SESSION as SESSION_PREFIX
from apiserver.auth.tokens import digest, make_token
from apiserver.core.db import make_engines
from tests.conformance.browser import Browser
from tests.conformance.flow import REDIRECT_URI
from tests.conformance.server import ISSUER, ORIGIN, Server, running
from tests.cookies import SESSION
from tests.factories import make_session

SCOPES = ("teams:read", "users:read")

STRICT = {
    "oauth2_password_grant": "false",
    "cors_origins": ORIGIN,
    # All tests come from the same address, and most of them do something wrong.
    "login_attempts_per_address": "1000000",
}
# How the settings of each server differ from these.
VARIANTS = {
    # By several processes, for what has to hold on all of them.
    **{f"strict{number}": {} for number in range(4)},
    # Its operator has switched the password grant on.
    "password": {"oauth2_password_grant": "true", "login_attempts": "1000000"},
    # It is one of several behind the same name.
    "tenant": {"issuer": f"{ISSUER}/tenant/one"},
    # It is called by the name that it has for others, without a proxy.
    "direct": {"issuer": "http://127.0.0.1:{port}"},
}


@pytest.fixture(scope="session")
def served_url(make_database: Callable[[], str]) -> str:
    """The database that all servers of these tests share."""
    return make_database()


@pytest.fixture(scope="session")
def all_servers(served_url: str, tmp_path_factory: Any) -> Iterator[dict[str, Server]]:
    """The servers by the names of their variants."""
    directory = tmp_path_factory.mktemp("server")
    variants = {}
    for name, own in VARIANTS.items():
        settings = {f"apiserver.{key}": value for key, value in (STRICT | own).items()}
        variants[name] = {"sqlalchemy.url": served_url, **settings}
    with running(directory, variants) as servers:
        yield servers


@pytest.fixture(scope="session")
def servers(all_servers: dict[str, Server]) -> list[Server]:
    """The processes that serve the strict defaults."""
    return [server for name, server in all_servers.items() if "strict" in name]


@pytest.fixture(scope="session")
def server(servers: list[Server]) -> Server:
    """The server with its strict defaults."""
    return servers[0]


@pytest.fixture(scope="session")
def password_server(all_servers: dict[str, Server]) -> Server:
    """A server with the password grant, which doesn't count wrong passwords."""
    return all_servers["password"]


@pytest.fixture(scope="session")
def served_engines(served_url: str) -> Iterator[tuple[Engine, Engine]]:
    engines = make_engines(served_url)
    yield engines
    for engine in engines:
        engine.dispose()


@pytest.fixture
def db(served_engines: tuple[Engine, Engine]) -> Iterator[Session]:
    """A session that commits; it must not be left in a transaction, which locks."""
    with Session(served_engines[0], expire_on_commit=False) as session:
        yield session


@pytest.fixture
def change(db: Session) -> Callable[..., None]:
    """A function that changes columns of a row: time passes, somebody decides.

    ``change(User.id == user.id, is_active=False)``
    """

    def execute(criterion: Any, **values: Any) -> None:
        table = criterion.left.table
        result: Any = db.execute(update(table).where(criterion).values(**values))
        db.commit()
        assert result.rowcount == 1

    return execute


@pytest.fixture
def select_all(served_engines: tuple[Engine, Engine]) -> Callable[[Any], Any]:
    """A function that returns the rows of a SELECT."""

    def execute(statement: Any) -> Any:
        with served_engines[1].connect() as connection:
            return connection.execute(statement).all()

    return execute


@pytest.fixture
def make_browser(server: Server, db: Session) -> Callable[..., Browser]:
    """A function that gives a browser in which the user has signed in before.

    The session is made in the database, since a password takes long to check.
    """

    def make(user: Any = None, server: Server = server) -> Browser:
        if user is None:
            return Browser(server)
        value = make_token(SESSION_PREFIX)
        make_session(db, user, digest=digest(value), auth_time=None)
        return Browser(server, {SESSION: value})

    return make


@pytest.fixture
def user(make_user: Callable[..., Any]) -> Any:
    return make_user()


@pytest.fixture
def browser(make_browser: Callable[..., Browser], user: Any) -> Browser:
    """The user's browser, signed in."""
    return make_browser(user)


@pytest.fixture
def client(make_client: Callable[..., Any]) -> Any:
    """A confidential client of somebody else, which may use all strict grants."""
    return make_client(
        redirect_uris=[REDIRECT_URI],
        grant_types=("authorization_code", "refresh_token", "client_credentials"),
        default_scopes=SCOPES,
    )


@pytest.fixture
def public_client(make_client: Callable[..., Any]) -> Any:
    """A client that can't keep a secret: a page, or an application on a device."""
    return make_client(
        client_type="public",
        secret_digest=None,
        redirect_uris=[REDIRECT_URI],
        grant_types=("authorization_code", "refresh_token"),
        default_scopes=SCOPES,
    )


@pytest.fixture
def works(server: Server) -> Callable[..., bool]:
    """A function that says whether an access token opens the list of teams."""

    def call(token: str, server: Server = server) -> bool:
        return server.call("GET", "/api/v1/teams/", token=token).status_code == 200

    return call
