"""How many SQL statements an endpoint takes, however many rows there are."""

import pytest

from tests.patches import op, replace

NOTHING = [op("test", "/title", value="Engineers")]
RENAME = [replace("title", "Designers")]
PROMOTE = [replace("is_leader", True)]
TEAM = {"title": "Designers"}

# The last column; the bearer check, which brings the account along, is one of them.
STATEMENTS = [
    ("anonymous", "GET", "/teams/", None, 401, 0),
    ("anonymous", "GET", "/teams/{team}", None, 401, 1),
    ("anonymous", "GET", "/teams/{team}/members/{member}", None, 401, 2),
    ("leader", "GET", "/teams/?limit=2", None, 200, 2),
    ("leader", "GET", "/teams/?limit=100", None, 200, 2),
    # Only a page beyond the end has to count by itself.
    ("leader", "GET", "/teams/?offset=1000", None, 200, 3),
    ("leader", "OPTIONS", "/teams/", None, 204, 1),
    ("leader", "POST", "/teams/", TEAM, 201, 5),
    ("leader", "GET", "/teams/{team}", None, 200, 3),
    ("leader", "HEAD", "/teams/{team}", None, 200, 3),
    ("leader", "OPTIONS", "/teams/{team}", None, 204, 2),
    ("leader", "PATCH", "/teams/{team}", NOTHING, 200, 6),
    ("leader", "PATCH", "/teams/{team}", RENAME, 200, 8),
    ("leader", "DELETE", "/teams/{team}", None, 204, 7),
    ("leader", "GET", "/teams/{team}/members/", None, 200, 3),
    ("leader", "GET", "/teams/{team}/members/?limit=2", None, 200, 3),
    ("leader", "GET", "/teams/{team}/members/?offset=1000", None, 200, 4),
    ("leader", "POST", "/teams/{team}/members/", {"user_id": "{newcomer}"}, 201, 8),
    ("leader", "GET", "/teams/{team}/members/{member}", None, 200, 3),
    ("leader", "OPTIONS", "/teams/{team}/members/{member}", None, 204, 3),
    ("leader", "PATCH", "/teams/{team}/members/{member}", PROMOTE, 200, 11),
    ("leader", "DELETE", "/teams/{team}/members/{member}", None, 204, 11),
    ("leader", "DELETE", "/teams/{team}/members/{leader}", None, 409, 11),
]


@pytest.fixture
def make_scene(make_user, make_team):
    """A function that makes so many teams, with so many members, and returns ids."""

    def make(count):
        leader, newcomer = make_user(), make_user()
        members = [make_user() for _ in range(count)]
        teams = [make_team(leaders=[leader], members=members) for _ in range(count)]
        return leader, {
            "team": teams[0].id,
            "leader": leader.id,
            "member": members[0].id,
            "newcomer": newcomer.id,
        }

    return make


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    api, make_scene, statements, caller, method, path, body, status, number, rows
):
    leader, ids = make_scene(rows)
    client = api(leader if caller == "leader" else None)
    if body == {"user_id": "{newcomer}"}:
        body = {"user_id": ids["newcomer"]}
    json = {"json": body} if body else {}
    with statements() as executed:
        response = client.call(method, client.prefix + path.format(**ids), **json)
    assert response.status_int == status
    assert len(of_teams(executed)) == number, executed


@pytest.mark.parametrize(
    ("method", "path", "body", "number"),
    [
        ("PATCH", "/teams/{team}", RENAME, 9),
        ("DELETE", "/teams/{team}", None, 8),
        ("PATCH", "/teams/{team}/members/{member}", PROMOTE, 11),
    ],
)
def test_version_check_takes_some_more(
    api, make_scene, statements, method, path, body, number
):
    leader, ids = make_scene(1)
    client, path = api(leader), path.format(**ids)
    headers = {"If-Match": client.get(path).headers["ETag"]}
    json = {"json": body} if body else {}
    with statements() as executed:
        response = client.call(method, client.prefix + path, headers=headers, **json)
    assert response.status_int in {200, 204}
    assert len(of_teams(executed)) == number, executed


def of_teams(executed):
    """Leave out the looks for files that other features have below a team."""
    return [each for each in executed if "_attachment" not in each]
