"""Bad input that is large: what a server by production.ini answers, by real HTTP."""

import httpx
import pytest
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines
from apiserver.core.http import JSON
from tests import factories
from tests.forked import serve
from tests.problems import phrase, problem
from tests.served import clean_environment
from tests.settings import shipped_ini

pytestmark = pytest.mark.slow

TEAMS = "/api/v1/teams/"
TOKEN = "/auth/oauth2/token"
KIB = 1024
LONGEST = {TEAMS: KIB * KIB, TOKEN: 64 * KIB}
each_limit = pytest.mark.parametrize(("path", "length"), LONGEST.items())


@pytest.fixture(scope="module")
def http(make_database, tmp_path_factory):
    """A client that is signed in at a server in a process, and has the one team."""
    ini = tmp_path_factory.mktemp("limits") / "own.ini"
    ini.write_text(shipped_ini("production.ini"))
    environment = clean_environment(
        DATABASE_URL=make_database(),
        APISERVER_ISSUER="https://api.example.com",
        APISERVER_PRODUCTION="false",
    )
    engine, _ = make_engines(environment["DATABASE_URL"])
    with Session(engine) as db:
        user = factories.make_user(db)
        team = factories.make_team(db, "Engineers", leaders=[user])
        scopes = ("teams:read", "teams:write")
        token = factories.make_token(db, user, scopes=scopes)
        db.commit()
        path = f"{TEAMS}{team.id}"
    engine.dispose()
    with serve(ini, environment) as url:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
            client.team = path
            yield client


@pytest.fixture(autouse=True)
def unchanged(http):
    """The server lives, and there is still the one team, with its title."""
    yield
    answer = http.get(TEAMS)
    assert (answer.status_code, len(answer.json())) == (200, 1)
    assert answer.json()[0]["title"] == "Engineers"


class TestBody:
    def test_of_many_members_is_refused(self, http):
        """More of them: test_bodies.py."""
        patch = [{"op": "replace", "path": "/title", "value": "Pilots"}] * 10_000
        answer = http.patch(http.team, json=patch)
        assert answer.json() == problem(400, "The body has more than 1000 members.")

    @each_limit
    def test_that_is_too_long_is_refused(self, http, path, length):
        for body in (b" " * (length + 1), (b" " * KIB for _ in range(length // 512))):
            headers = {"Content-Type": JSON}
            answer = http.post(path, content=body, headers=headers)
            assert (answer.status_code, answer.reason_phrase) == (413, phrase(413))

    @each_limit
    def test_of_the_greatest_length_is_read(self, http, path, length):
        headers = {"Content-Type": "text/plain"}
        answer = http.post(path, content=b" " * length, headers=headers)
        assert answer.status_code == 415


class TestHead:
    def test_that_is_too_long_is_refused(self, http):
        """By waitress itself, in its own words."""
        answer = http.get(TEAMS, headers={"X-Junk": "x" * 64 * KIB})
        assert answer.status_code == 431

    def test_of_60_kib_is_read(self, http):
        assert http.get(TEAMS, headers={"X-Junk": "x" * 60 * KIB}).status_code == 200

    def test_with_a_long_query_is_refused(self, http):
        answer = http.get(f"{TEAMS}?limit={'1' * 8 * KIB}")
        assert answer.status_code == 400
        assert answer.json() == problem(400, "The query is longer than 8192 bytes.")
