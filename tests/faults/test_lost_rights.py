"""Rights are taken while four processes write by them: then nothing more is written.

``--rounds`` says how often. A round sends all that a leading administrator may write at
once; meanwhile he loses his rights, and what is stored at the moment of that response
is what is stored in the end.
"""

from threading import Thread
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Client
from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User
from tests import factories
from tests.client import Client
from tests.patches import replace
from tests.racers import Call
from tests.users.accounts import patch

SCOPES = ("users:write", "teams:write", "auth:write", "teams:read", "users:read")
REFUSED = {401, 403, 404}
EXPECTED = {200, 201, 204, 409, *REFUSED}
STORED = [
    select(Team.id, Team.title).order_by(Team.id),
    select(TeamMember.team_id, TeamMember.user_id, TeamMember.is_leader).order_by(
        TeamMember.team_id, TeamMember.user_id
    ),
    select(OAuth2Client.id, OAuth2Client.enabled, OAuth2Client.secret_digest).order_by(
        OAuth2Client.id
    ),
    select(User.id, User.first_name, User.is_admin, User.is_active).order_by(User.id),
]


@pytest.fixture(scope="module")
def app(make_app, racers):
    return make_app(racers.url)


@pytest.fixture
def make_scene(open_session):
    """A function that makes an administrator who leads a team, and all he writes to."""

    def make():
        with open_session() as db:
            root, victim, other = (
                factories.make_user(db, kind) for kind in ("admin", "admin", "regular")
            )
            leader, member, stranger = (factories.make_user(db) for _ in range(3))
            team = factories.make_team(db, leaders=[victim, leader], members=[member])
            client = factories.make_client(db, victim, default_scopes=SCOPES)
            tokens = [
                factories.make_token(db, user, scopes=SCOPES)
                for user in (root, victim, leader)
            ]
        return SimpleNamespace(
            victim=victim,
            other=other,
            member=member,
            stranger=stranger,
            team=team,
            client=client,
            tokens=tokens,
        )

    return make


def writes(scene):
    """Return the calls by which the victim writes to users, teams and clients."""
    token = scene.tokens[1]
    team, client = (
        f"/teams/{scene.team.id}",
        f"/auth/oauth2_clients/{scene.client.client_id}",
    )
    mine, others = f"/users/{scene.victim.id}", f"/users/{scene.other.id}"
    lead = [replace("is_leader", True)]
    calls = [
        ("PATCH", mine, patch(replace("is_admin", True))),
        ("PATCH", mine, patch(replace("is_active", True))),
        ("PATCH", others, patch(replace("is_admin", True))),
        ("PATCH", others, patch(replace("first_name", "Ada"))),
        ("POST", "/teams/", {"title": "Designers"}),
        ("PATCH", team, [replace("title", "Designers")]),
        ("PATCH", f"{team}/members/{scene.victim.id}", lead),
        ("PATCH", f"{team}/members/{scene.member.id}", lead),
        ("POST", f"{team}/members/", {"user_id": scene.stranger.id}),
        ("DELETE", f"{team}/members/{scene.member.id}", None),
        ("POST", "/auth/oauth2_clients/", {}),
        ("PATCH", client, [replace("enabled", False)]),
        ("POST", f"{client}/secret", None),
    ]
    return [
        Call(token, method, path, body, address=f"192.0.2.{n + 1}")
        for n, (method, path, body) in enumerate(calls)
    ]


def take(scene, loss):
    """Return token, method, path and body of the call that takes the rights."""
    root, victim, leader = scene.tokens
    account = f"/users/{scene.victim.id}"
    membership = f"/teams/{scene.team.id}/members/{scene.victim.id}"
    return {
        "deactivated": (
            root,
            "PATCH",
            account,
            patch(replace("is_active", False), replace("is_admin", False)),
        ),
        "demoted": (root, "PATCH", account, patch(replace("is_admin", False))),
        "signed out": (victim, "DELETE", "/auth/grants/", None),
        "removed": (leader, "DELETE", membership, None),
        "no leader": (leader, "PATCH", membership, [replace("is_leader", False)]),
    }[loss]


@pytest.fixture
def stored(open_session):
    def read(scene, loss):
        with open_session() as db:
            if loss in {"removed", "no leader"}:
                own = TeamMember.team_id == scene.team.id
                return [
                    db.execute(STORED[0].where(Team.id == scene.team.id)).all(),
                    db.execute(STORED[1].where(own)).all(),
                ]
            return [db.execute(statement).all() for statement in STORED]

    return read


class TestLostRights:
    @pytest.mark.parametrize(
        "loss", ["deactivated", "demoted", "signed out", "removed", "no leader"]
    )
    def test_write_nothing_more(
        self, racers, app, make_scene, stored, pytestconfig, loss
    ):
        for _ in range(pytestconfig.getoption("rounds")):
            scene = make_scene()
            if loss in {"removed", "no leader"}:
                self.make_regular(scene, stored)
            self.race(racers, app, scene, stored, loss)

    @pytest.fixture(autouse=True)
    def _session(self, open_session):
        self.open_session = open_session

    def make_regular(self, scene, stored):
        """An administrator needs no membership to write."""
        with self.open_session() as db:
            db.get_one(User, scene.victim.id).is_admin = False
            db.commit()

    def race(self, racers, app, scene, stored, loss):
        answers = []
        calls = writes(scene)
        thread = Thread(target=lambda: answers.extend(racers.run(*calls)))
        thread.start()
        token, method, path, body = take(scene, loss)
        client = Client(app, token)
        json = {} if body is None else {"json": body}
        response = client.call(method, client.prefix + path, **json)
        then = stored(scene, loss)
        thread.join()
        assert {answer.status for answer in answers} <= EXPECTED, answers
        if response.status_int in {200, 204}:
            assert stored(scene, loss) == then, answers
