"""How many SQL statements an endpoint takes, however many rows there are."""

from functools import partial
from types import SimpleNamespace

import pytest

from tests.patches import op, replace
from tests.statements import MANY, StatementCounts

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


# Where a version is asked for, some take more.
WITH_VERSION = [
    ("leader", "PATCH", "/teams/{team}", RENAME, 200, 9),
    ("leader", "DELETE", "/teams/{team}", None, 204, 8),
    ("leader", "PATCH", "/teams/{team}/members/{member}", PROMOTE, 200, 11),
]


@pytest.fixture
def scene(make_user, make_team):
    """Many teams of many members, and somebody who is in none."""
    leader, newcomer = make_user(), make_user()
    members = [make_user() for _ in range(MANY)]
    team, *_ = [make_team(leaders=[leader], members=members) for _ in range(MANY)]
    return {"leader": leader, "anonymous": None}, {
        "team": team.id,
        "leader": leader.id,
        "member": members[0].id,
        "newcomer": newcomer.id,
    }


class TestStatements(StatementCounts):
    table = STATEMENTS

    def counted(self, executed):
        """Leave out the looks for files that other features have below a team."""
        return [each for each in executed if "_attachment" not in each]


class TestVersionCheck(TestStatements):
    table = WITH_VERSION

    @pytest.fixture
    def sign_in(self, api, scene, row):
        def call(user):
            client = api(user)
            path = client.prefix + row.path.format(**scene[1])
            etag = client.call("GET", path).headers["ETag"]
            return SimpleNamespace(
                prefix=client.prefix,
                call=partial(client.call, headers={"If-Match": etag}),
            )

        return call
