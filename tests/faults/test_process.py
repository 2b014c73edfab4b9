"""A process that is killed, starved or flooded: what was acknowledged is there."""

import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines
from apiserver.prepare import migrate
from apiserver.teams.models import Team, TeamMember
from tests import factories
from tests.conftest import INI
from tests.faults.conftest import SCOPES

WRITERS = 4
LOGINS = 60

HALF_A_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
ENDLESS = (
    b"POST /api/v1/users/ HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


@pytest.fixture(params=["postgresql", "sqlite"])
def url(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("server").url
    return f"sqlite:///{tmp_path}/killed.db"


@pytest.fixture
def own(url):
    """A function that opens a session on the database."""
    engine, _ = make_engines(url)
    with engine.connect() as connection:
        migrate(INI, connection)
    yield lambda: Session(engine, expire_on_commit=False)
    engine.dispose()


class TestKilledProcess:
    """kill -9 while it writes."""

    def test_has_stored_all_that_was_acknowledged_and_nothing_half(
        self, start, url, own, pytestconfig
    ):
        with own() as db:
            user = factories.make_user(db)
            token = factories.make_token(db, user, scopes=SCOPES)
            before = set(db.scalars(select(Team.id)))
            db.commit()
        acknowledged = []
        for _ in range(pytestconfig.getoption("--rounds", default=3)):
            with start(url) as (process, client):
                acknowledged += kill_under_load(process, client, token)
        with own() as db:
            stored = set(db.scalars(select(Team.id))) - before
            assert set(acknowledged) <= stored
            # At most one of each writer was on its way when the process ended.
            led = select(func.count()).where(TeamMember.is_leader)
            led = led.where(TeamMember.team_id.in_(stored))
            assert db.scalar(led) == len(stored)


def kill_under_load(process, client, token):
    """Let some threads write until the process is killed; return what it answered."""
    acknowledged = []
    enough = threading.Event()
    headers = {"Authorization": f"Bearer {token}"}

    def write():
        with suppress(httpx.TransportError):
            while True:
                created = client.post(
                    "/api/v1/teams/", json={"title": "Engineers"}, headers=headers
                )
                if created.status_code == 201:
                    acknowledged.append(created.json()["id"])
                if len(acknowledged) > 20:
                    enough.set()

    with ThreadPoolExecutor(WRITERS) as threads:
        for _ in range(WRITERS):
            threads.submit(write)
        assert enough.wait(60)
        process.kill()
    return acknowledged


class TestBadClients:
    def test_that_send_halves_and_endless_bodies_keep_nobody_out(self, start, server):
        with start(server.url) as (_, client):
            address = (client.base_url.host, client.base_url.port)
            slow = [socket.create_connection(address, timeout=10) for _ in range(300)]
            for connection in slow:
                connection.sendall(HALF_A_REQUEST)
            assert client.get("/healthz").status_code == 200
            assert client.get("/readyz").status_code == 200
            for connection in slow:
                connection.close()

            # Refused before all of it is read.
            with socket.create_connection(address, timeout=10) as connection:
                connection.sendall(ENDLESS)
                sent = 0
                with suppress(ConnectionError):
                    while sent < 1000:
                        connection.sendall(CHUNK)
                        sent += 1
                assert sent < 1000
                with suppress(ConnectionError):
                    answer = connection.recv(100)
                    assert answer.startswith(b"HTTP/1.1 413 ") or not answer
            assert client.get("/healthz").status_code == 200


class TestManySignIns:
    def test_at_once_leave_room_for_others(self, start, server, db):
        user = factories.make_user(db)
        client_id = factories.make_client(db, first_party=True).client_id
        db.commit()
        form = {
            "grant_type": "password",
            "username": user.username,
            "password": factories.PASSWORD,
            "client_id": client_id,
            "client_secret": factories.CLIENT_SECRET,
        }
        settings = {
            "oauth2_password_grant": "true",
            "login_attempts": "1000",
            "login_attempts_per_address": "1000",
        }
        with start(server.url, **settings) as (_, client):

            def sign_in(_):
                # Each is somebody else: a connection is not shared.
                own = {"Connection": "close"}
                return client.post("/auth/oauth2/token", data=form, headers=own)

            with ThreadPoolExecutor(LOGINS) as threads:
                answers = threads.map(sign_in, range(LOGINS))
                healthy = [client.get("/healthz").status_code for _ in range(20)]
            answers = list(answers)
            counted = Counter(answer.status_code for answer in answers)
            assert set(counted) <= {200, 503}
            assert counted[200] > 0
            busy = [a for a in answers if a.status_code == 503]
            assert all(answer.headers["Retry-After"] for answer in busy)
            assert healthy == [200] * 20
            assert client.post("/auth/oauth2/token", data=form).status_code == 200
