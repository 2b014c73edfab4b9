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
CELLS = {
    caller: {
        tuple(column.partition(" ")[::2]): cell
        for column, cell in zip(HEADING[1:], row, strict=True)
    }
    for caller, *row in ROWS
}
CALLERS = [caller for caller in CELLS if caller != "nobody"]

PATHS = {
    "": "/things/",
    "1": "/things/1",
    "2": "/things/1/parts/2",
    "3": "/things/1/parts/3",
}

OWNERS = "the owner of the thing and administrators"
KEEPERS = "keepers of the part and administrators"
REASONS = {
    ("POST", ""): "active users and administrators",
    ("POST", "2"): KEEPERS,
    ("POST", "3"): KEEPERS,
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
        "no": (403, f"Only {REASONS.get((method, place), OWNERS)} may do this."),
        "scope": (403, f"The access token lacks the scope {scope}."),
        "gate": (403, "Read-only accounts can't change anything."),
        "401": (401, "This requires an access token."),
    }[cell]


class TestPermits:
    @pytest.mark.parametrize("caller", CELLS)
    def test_decides_by_gates_and_acls(self, client, caller):
        for (method, place), cell in CELLS[caller].items():
            path = client.prefix + PATHS[place]
            response = client.call(method, path, headers=headers(caller))
            status, detail = expected(method, place, cell)
            assert response.status_int == status, (method, place)
            assert response.body == b"" or response.json == problem(status, detail)

    @pytest.mark.parametrize(
        ("caller", "challenge"),
        [
            (None, 'Bearer realm="apiserver"'),
            (
                "ada reads",
                'Bearer realm="apiserver", error="insufficient_scope", '
                'scope="things:write"',
            ),
        ],
    )
    def test_says_what_is_missing(self, client, caller, challenge):
        response = client.patch("/things/1", headers=headers(caller or "nobody"))
        assert response.headers["WWW-Authenticate"] == challenge

    def test_tells_anonymous_callers_nothing_of_what_exists(self, client):
        answers = [client.get(f"/things/{id_}") for id_ in (1, 999, "x")]
        assert [answer.status_int for answer in answers] == [401] * 3
        bodies = [{**answer.json, "request_id": ""} for answer in answers]
        assert bodies[0] == bodies[1] == bodies[2]


class TestOptions:
    @pytest.mark.parametrize("caller", CALLERS)
    def test_allow_has_exactly_what_is_not_refused(self, client, caller):
        for place in ("", "1", "2"):
            response = client.options(PATHS[place], headers=headers(caller))
            usable = {
                method
                for (method, at), cell in CELLS[caller].items()
                if at == place and cell == "yes"
            }
            usable |= {"OPTIONS", *(("HEAD",) if "GET" in usable else ())}
            assert response.status_int == 204
            assert set(response.headers["Allow"].split(", ")) == usable

    def test_asks_anonymous_callers_to_sign_in_where_nothing_is_public(self, client):
        assert client.options("/things/1").status_int == 401


def test_policy_tells_pyramid_who_calls():
    request = SimpleNamespace(caller_id=7)
    assert SecurityPolicy().authenticated_userid(request) == 7
