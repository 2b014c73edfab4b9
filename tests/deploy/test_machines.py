"""Four processes behind nginx, with a replica: to their callers they are one server."""

import httpx
import pytest

from tests import factories, postgresql
from tests.deploy.conftest import Account
from tests.tools import needs

pytestmark = needs("PostgreSQL")

PROCESSES = 4
SCOPES = ("teams:read", "teams:write", "users:read", "auth:write")
TEAMS = "/api/v1/teams/"


@pytest.fixture(scope="module")
def primary():
    with postgresql.running() as server:
        server.migrate()
        yield server


@pytest.fixture(scope="module")
def replica(primary):
    with postgresql.running(primary) as server:
        yield server


@pytest.fixture(scope="module")
def stack(start, primary, replica):
    return start(
        "waitress",
        count=PROCESSES,
        DATABASE_URL=primary.url,
        DATABASE_REPLICA_URL=replica.url,
    )


@pytest.fixture
def caller(primary, replica):
    """A user, and the client that he uses."""
    with primary.session() as db:
        user = factories.make_user(db)
        client = factories.make_client(
            db, user, first_party=True, default_scopes=SCOPES
        )
    replica.catch_up(primary)
    return Account(user.username, client.client_id, " ".join(SCOPES))


@pytest.fixture
def http(stack, caller):
    """A client that is signed in, and calls through nginx."""
    with stack.proxy.client() as http:
        caller.sign_in(http)
        yield http


@pytest.fixture
def each(stack, http):
    """A function that calls each of the processes, past nginx; returns the answers."""

    def call(path, **headers):
        headers = {**headers, "Authorization": http.headers["Authorization"]}
        urls = [f"http://127.0.0.1:{port}{path}" for port in stack.servers.running]
        return [httpx.get(url, headers=headers, trust_env=False) for url in urls]

    return call


def statuses(answers):
    return [answer.status_code for answer in answers]


class TestProcesses:
    def test_get_their_share_of_requests(self, stack, http):
        asked = {http.get(TEAMS).status_code for _ in range(40)}
        assert asked == {200}
        servers = stack.servers.running.values()
        assert len(servers) == PROCESSES
        line = f'"path": "{TEAMS}"'
        assert all(line in server.said() for server in servers)

    def test_all_know_who_has_signed_in_at_one(self, each):
        assert statuses(each("/api/v1/users/me")) == [200] * PROCESSES

    def test_all_read_what_was_written_at_one(self, http, each, replica):
        with replica.standing_still():
            made = http.post(TEAMS, json={"title": "Engineers"})
            assert made.status_code == 201
            path = made.headers["Location"]
            assert statuses(each(path)) == [404] * PROCESSES
            written = {"X-Written-At": made.headers["X-Written-At"]}
            answers = each(path, **written)
            assert statuses(answers) == [200] * PROCESSES
            assert [answer.json() for answer in answers] == [made.json()] * PROCESSES
            assert http.get(path, headers=written).json() == made.json()

    def test_all_read_the_replica_once_it_has_got_so_far(
        self, http, each, primary, replica
    ):
        made = http.post(TEAMS, json={"title": "Engineers"})
        replica.catch_up(primary)
        assert statuses(each(made.headers["Location"])) == [200] * PROCESSES

    def test_all_refuse_a_token_that_was_revoked_at_one(
        self, stack, http, each, replica
    ):
        assert statuses(each(TEAMS)) == [200] * PROCESSES
        token = http.headers["Authorization"].removeprefix("Bearer ")
        first = next(iter(stack.servers.running))
        with replica.standing_still():
            ended = httpx.delete(
                f"http://127.0.0.1:{first}/api/v1/auth/grants/",
                headers={"Authorization": f"Bearer {token}"},
                trust_env=False,
            )
            assert ended.status_code == 204
            assert statuses(each(TEAMS)) == [401] * PROCESSES
            assert http.get(TEAMS).status_code == 401

    def test_share_the_limit_of_an_address(self, http):
        left = [
            int(http.get(TEAMS).headers["RateLimit-Remaining"])
            for _ in range(2 * PROCESSES)
        ]
        assert left == list(range(left[0], left[0] - 2 * PROCESSES, -1))
