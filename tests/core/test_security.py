"""Who may: two gates that take away, then the ACLs along the lineage."""

import re
from types import SimpleNamespace

import pytest

from apiserver.core.tree import SecurityPolicy
from tests.client import Client
from tests.core.things import things
from tests.problems import problem

# Thing 1 is Ada's, as is part 2 of it; Bob keeps part 3. A client is no user. Roles at
# a parent hold at its children, those at a child not at its parent.
MATRIX = """
caller         GET    POST   GET 1  PATCH 1  GET 2  DELETE 2  POST 2  DELETE 3  POST 3
nobody         401    401    401    401      401    401       401     401       401
ada            yes    yes    yes    yes      yes    yes       yes     yes       no
bob            yes    yes    no     no       no     no        no      no        yes
ada reads      yes    scope  yes    scope    yes    scope     scope   scope     scope
ada writes     scope  yes    scope  yes      scope  yes       yes     yes       no
ada no scope   scope  scope  scope  scope    scope  scope     scope   scope     scope
ada read-only  yes    gate   yes    gate     yes    gate      gate    gate      gate
admin          yes    yes    yes    yes      yes    yes       yes     yes       yes
admin reads    yes    scope  yes    scope    yes    scope     scope   scope     scope
internal       yes    yes    yes    yes      yes    yes       yes     yes       yes
client         yes    no     no     no       no     no        no      no        no
"""

HEADING, *ROWS = (re.split("  +", line) for line in MATRIX.strip().splitlines())
CELLS = [
    (caller, *column.partition(" ")[::2], cell)
    for caller, *row in ROWS
    for column, cell in zip(HEADING[1:], row, strict=True)
]
CALLERS = [caller for caller, *_ in ROWS if caller != "nobody"]

PATHS = {
    "": "/things/",
    "1": "/things/1",
    "2": "/things/1/parts/2",
    "3": "/things/1/parts/3",
}

REASONS = {
    ("POST", ""): "active users and administrators",
    ("GET", "1"): "the owner of the thing and administrators",
    ("PATCH", "1"): "the owner of the thing and administrators",
    ("GET", "2"): "the owner of the thing and administrators",
    ("DELETE", "2"): "the owner of the thing and administrators",
    ("DELETE", "3"): "the owner of the thing and administrators",
    ("POST", "2"): "keepers of the part and administrators",
    ("POST", "3"): "keepers of the part and administrators",
}


@pytest.fixture(scope="module")
def client(make_core_app):
    return Client(make_core_app(things))


def headers(caller):
    return {"X-Caller": caller}


def expected(method, place, cell):
    """Return the status and the sentence of a cell."""
    scope = "things:read" if method == "GET" else "things:write"
    return {
        "yes": (200, None),
        "no": (403, f"Only {REASONS.get((method, place))} may do this."),
        "scope": (403, f"The access token lacks the scope {scope}."),
        "gate": (403, "Read-only accounts can't change anything."),
        "401": (401, "This requires an access token."),
    }[cell]


class TestPermits:
    @pytest.mark.parametrize(("caller", "method", "place", "cell"), CELLS)
    def test_decides_by_gates_and_acls(self, client, caller, method, place, cell):
        path = client.prefix + PATHS[place]
        response = client.call(method, path, headers=headers(caller))
        status, detail = expected(method, place, cell)
        assert response.status_int == status
        assert response.body == b"" or response.json == problem(status, detail)

    def test_names_the_scope_that_is_missing(self, client):
        response = client.patch("/things/1", headers=headers("ada reads"))
        assert response.headers["WWW-Authenticate"] == (
            'Bearer realm="apiserver", error="insufficient_scope", scope="things:write"'
        )

    def test_asks_anonymous_callers_to_sign_in(self, client):
        response = client.get("/things/1")
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="apiserver"'

    def test_tells_anonymous_callers_nothing_of_what_exists(self, client):
        answers = [client.get(f"/things/{id_}") for id_ in (1, 999, "x")]
        assert [answer.status_int for answer in answers] == [401] * 3
        bodies = [{**answer.json, "request_id": ""} for answer in answers]
        assert bodies[0] == bodies[1] == bodies[2]


class TestOptions:
    @pytest.mark.parametrize("caller", CALLERS)
    @pytest.mark.parametrize("place", ["", "1", "2"])
    def test_allow_has_exactly_what_is_not_refused(self, client, caller, place):
        response = client.options(PATHS[place], headers=headers(caller))
        usable = {
            method
            for *key, method, at, cell in CELLS
            if key == [caller] and at == place and cell == "yes"
        }
        usable |= {"OPTIONS", *(("HEAD",) if "GET" in usable else ())}
        assert response.status_int == 204
        assert set(response.headers["Allow"].split(", ")) == usable

    def test_asks_anonymous_callers_to_sign_in_where_nothing_is_public(self, client):
        response = client.options("/things/1")
        assert response.status_int == 401


class TestPolicy:
    def test_tells_pyramid_who_calls(self):
        request = SimpleNamespace(caller_id=7)
        assert SecurityPolicy().authenticated_userid(request) == 7
