"""The stacks of ``deploy/``, started without Docker by their own files."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests import factories
from tests.deploy.nginx import HOST, Certificate, Proxy, nginx
from tests.deploy.processes import Servers, servers
from tests.postgresql import Server
from tests.tools import need

# Counters have the limit in their names: this one is of this run alone.
LIMIT = random.randrange(100_000, 10_000_000)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: Any) -> Certificate:
    need("nginx")
    need("openssl")
    return Certificate.make(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def settings(own_postgresql: Server, redis_url: str) -> dict[str, str]:
    """What production.ini leaves to the environment."""
    url = own_postgresql.make_database()
    own_postgresql.migrate(url)
    return {
        "DATABASE_URL": url,
        "APISERVER_ISSUER": f"https://{HOST}",
        "APISERVER_SMTP_HOST": HOST,
        "APISERVER_MAIL_FROM": f"no-reply@{HOST}",
        "APISERVER_FACTORS_KEY": "a" * 43 + "=",
        "APISERVER_TRUSTED_PROXIES": "127.0.0.1",
        "APISERVER_RATE_LIMIT": f"{LIMIT}/hour",
        "APISERVER_RATE_LIMIT_STORAGE": redis_url,
        "APISERVER_METRICS_ALLOW": "127.0.0.0/8",
        "APISERVER_OAUTH2_PASSWORD_GRANT": "true",
    }


@dataclass(frozen=True)
class Account:
    """Who calls: a user, and the client that he uses."""

    username: str
    client_id: str
    scope: str = "teams:read teams:write users:read"

    def sign_in(self, http: Any, prefix: str = "") -> None:
        """Get a token, as a first-party application does."""
        form = {
            "grant_type": "password",
            "username": self.username,
            "password": factories.PASSWORD,
            "scope": self.scope,
        }
        answer = http.post(
            f"{prefix}/auth/oauth2/token",
            data=form,
            auth=(self.client_id, factories.CLIENT_SECRET),
        )
        assert answer.status_code == 200, answer.text
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


@pytest.fixture(scope="session")
def account(settings: dict[str, str]) -> Account:
    engine = create_engine(settings["DATABASE_URL"])
    with Session(engine, expire_on_commit=False) as db:
        user = factories.make_user(db)
        scopes = ("teams:read", "teams:write", "users:read")
        client = factories.make_client(
            db, user, first_party=True, default_scopes=scopes
        )
    engine.dispose()
    return Account(user.username, client.client_id)


@dataclass(frozen=True)
class Stack:
    """nginx, and the servers behind it."""

    kind: str
    proxy: Proxy
    servers: Servers
    upstreams: dict[str, int]


@dataclass(frozen=True)
class Kind:
    """The folder whose files nginx takes, and what is started behind it."""

    folder: str
    server: str
    port: int
    settings: dict[str, str] = field(default_factory=dict)

    def start(self, behind: Servers, count: int) -> list[int]:
        """Start servers; return the ports where nginx finds them.

        To nginx it makes no difference which of those that speak HTTP are the others.
        """
        more = (
            behind.start_beside if self.port == 5000 else partial(behind.start, "uwsgi")
        )
        ports = [behind.start(self.server), *(more() for _ in range(count - 1))]
        # Beside HTTP, uWSGI speaks a protocol of its own.
        return [behind.uwsgi.get(port, port) for port in ports]

    def upstreams(self, ports: list[int]) -> dict[str, int]:
        """Return the first and the last port by the two names that the files have."""
        return {f"api-1:{self.port}": ports[0], f"api-2:{self.port}": ports[-1]}

    def further(self, ports: list[int]) -> dict[str, str]:
        """Return how the files are changed for more than two servers."""
        line = "server {} max_fails=1 fail_timeout=5s;"
        second = line.format(f"api-2:{self.port}")
        more = [line.format(f"127.0.0.1:{port}") for port in ports[1:-1]]
        return {second: "\n".join([second, *more])}


KINDS = {
    "waitress": Kind("stack1", "waitress", 5000),
    "gunicorn": Kind("stack1", "gunicorn", 5000),
    "granian": Kind("stack1", "granian", 5000),
    "uwsgi": Kind("stack2", "uwsgi", 3031, {"APISERVER_TRUSTED_PROXIES": ""}),
}


@pytest.fixture(scope="module")
def start(
    certificate: Certificate, settings: dict[str, str], tmp_path_factory: Any
) -> Iterator[Callable[..., Stack]]:
    """A function that starts nginx and servers of a kind as a stack has them."""
    with ExitStack() as stack:

        def make(
            name: str,
            include: str = "root.conf",
            *,
            count: int = 1,
            changes: Mapping[str, str] = MappingProxyType({}),
            **more: str,
        ) -> Stack:
            kind = KINDS[name]
            if name != "waitress":
                need(name)
            folder = tmp_path_factory.mktemp(name)
            own = {**settings, **kind.settings, **more}
            behind = stack.enter_context(servers(folder, **own))
            ports = kind.start(behind, count)
            upstreams = kind.upstreams(ports)
            changed = {**kind.further(ports), **changes}
            behind.wait()
            running = nginx(
                kind.folder, folder, upstreams, certificate, include, changed
            )
            return Stack(name, stack.enter_context(running), behind, upstreams)

        yield make
