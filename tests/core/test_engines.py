"""How many connections a process has to PostgreSQL, and that one is enough."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from tests import factories
from tests.client import Client
from tests.conformance.server import basic
from tests.conftest import SERVER
from tests.factories import CLIENT_SECRET, PASSWORD

SCOPES = ("teams:read", "teams:write")

pytestmark = pytest.mark.skipif(SERVER is None, reason="needs TEST_DATABASE_URL")


@pytest.fixture
def make_own(make_pure_app, make_database):
    """A function that makes an application with so many connections in each pool."""
    return lambda size: make_pure_app(make_database(), pool_size=size)


class TestPool:
    def test_has_those_that_were_needed_at_once_and_no_more(self, make_own):
        app = make_own("2")
        pools = [
            sessions.kw["bind"].pool
            for sessions in (app.registry.write_sessions, app.registry.read_sessions)
        ]
        held = [pools[1].connect() for _ in range(2)]
        for connection in held:
            connection.close()
        assert pools[1].checkedin() == 2
        with Session(app.registry.engine) as db:
            user = factories.make_user(db)
            caller = Client(app, factories.make_token(db, user, scopes=SCOPES))

        def create_and_list(number):
            made = caller.post("/teams/", {"title": "Engineers"})
            return made.status_int, caller.get("/teams/").status_int

        with ThreadPoolExecutor(8) as threads:
            assert {*threads.map(create_and_list, range(40))} == {(201, 200)}
        assert all(1 <= pool.checkedin() <= 2 for pool in pools)
        assert [pool.checkedout() for pool in pools] == [0, 0]

    def test_of_one_is_enough(self, make_own):
        """No request holds a connection while it waits for another one."""
        app = make_own("1")
        with Session(app.registry.engine) as db:
            username = factories.make_user(db).username
            client = factories.make_client(db, first_party=True)
            headers = basic(client.client_id, CLIENT_SECRET)
        form = {"grant_type": "password", "username": username, "password": PASSWORD}
        path = "/auth/oauth2/token"
        signed_in = Client(app).call("POST", path, form=form, headers=headers)
        assert signed_in.status_int == 200
        token = signed_in.json["access_token"]
        assert Client(app, token).get("/users/me").json["username"] == username

    @pytest.mark.parametrize("size", ["0", "-1"])
    def test_of_none_is_refused(self, make_pure_app, size):
        with pytest.raises(Exception, match="pool_size must be a positive number"):
            make_pure_app("postgresql://user@127.0.0.1/example", pool_size=size)
