"""Inviting, resending, revoking and accepting, by the API."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.core.db import now
from apiserver.invitations.models import Invitation
from apiserver.mail import LinkInvalid
from apiserver.teams.models import TeamMember
from apiserver.users.models import User
from tests.problems import conflict, invalid, problem
from tests.users.accounts import summary

GONE = invalid(token=LinkInvalid.sentence)
ACCEPT = "/invitations/acceptance"
SIGN_UP = "/invitations/sign-up"
ISSUER = "https://api.example.com"


def token_in(link):
    start = f"{ISSUER}/account/invitation?token="
    assert link.startswith(start)
    return link.removeprefix(start)


class TestInvite:
    def test_mails_a_link_that_makes_a_member(
        self, client, path, team, leader, mailed, api, make_user, db, events
    ):
        answer = client.post(path, {"email": "Ada@EXAMPLE.com", "is_leader": True})
        row = db.scalars(select(Invitation)).one()
        assert row.expires - row.created >= timedelta(days=7) - timedelta(seconds=1)
        shown = {
            "id": row.id,
            "email": "Ada@example.com",
            "is_leader": True,
            "invited_by_id": leader.id,
            "created": row.created.isoformat(),
            "expires": row.expires.isoformat(),
        }
        assert (answer.status_int, answer.json) == (201, shown)
        assert client.get(path).json == [shown]
        assert client.get(f"{path}{row.id}").json == shown
        [(recipient, link)] = mailed()
        assert recipient == "Ada@example.com"
        user = make_user()
        answer = api(user).post(ACCEPT, {"token": token_in(link)})
        assert answer.status_int == 200
        assert answer.json == {
            "team": {"id": team.id, "title": team.title},
            "user": summary(user),
            "is_leader": True,
        }
        assert client.get(path).json == []
        told = [(each["action"], each["actor_id"], each["target"]) for each in events()]
        assert told == [
            ("invitation_created", leader.id, f"invitation:{row.id} of:{team.id}"),
            ("invitation_changed", None, f"invitation:{row.id} digest"),
            (
                "invitation_accepted",
                user.id,
                f"invitation:{row.id} team_member:{team.id}/{user.id}",
            ),
        ]

    def test_keeps_no_token(self, client, path, mailed, db):
        client.post(path, {"email": "ada@example.com"})
        assert db.scalar(select(Invitation.digest)) is None
        [(_, link)] = mailed()
        assert len(db.scalar(select(Invitation.digest))) == 32
        columns = select(*Invitation.__table__.columns)
        assert token_in(link) not in str(db.execute(columns).all())

    def test_is_once_for_an_address(self, client, path):
        assert client.post(path, {"email": "ada@bücher.example"}).status_int == 201
        answer = client.post(path, {"email": "ADA@xn--bcher-kva.example"})
        sentence = (
            "This address is already invited: resend that invitation, or revoke it."
        )
        assert answer.status_int == 409
        assert answer.json == conflict(sentence, "email")

    @pytest.mark.parametrize("who", ["nobody", "user", "member"])
    def test_tells_nothing_of_accounts(
        self, client, path, team, make_user, db, statements, mailed, who
    ):
        """The same statements, the same response, the same mail for every address."""
        user = make_user()
        if who == "member":
            db.add(TeamMember(team_id=team.id, user_id=user.id))
            db.commit()
        email = "nobody@example.com" if who == "nobody" else user.email
        with statements() as executed:
            answer = client.post(path, {"email": email})
        assert answer.status_int == 201
        assert [sql for sql in executed if "canonical_email" in sql] == [
            sql for sql in executed if sql.startswith("INSERT INTO invitation")
        ]
        assert [recipient for recipient, _ in mailed()] == [email]

    def test_is_bounded_for_a_team(self, client, path, team, make_invitation):
        for _ in range(100):
            make_invitation(team)
        answer = client.post(path, {"email": "ada@example.com"})
        detail = "The team has too many open invitations: revoke some, or wait."
        assert answer.json == problem(409, detail)

    def test_is_bounded_for_an_address_of_the_network(self, client, path, team):
        statuses = [
            client.post(path, {"email": f"ada{number}@example.com"}).status_int
            for number in range(31)
        ]
        assert statuses == [201] * 30 + [429]

    def test_mails_nothing_once_it_is_revoked(self, client, path, mailed):
        row = client.post(path, {"email": "ada@example.com"}).json
        assert client.delete(f"{path}{row['id']}").status_int == 204
        assert mailed() == []


class TestResend:
    def test_replaces_the_link(self, client, path, mailed, api, make_user, db, events):
        row = client.post(path, {"email": "ada@example.com"}).json
        [(_, first)] = mailed()
        long_ago = now() - timedelta(days=1)
        db.execute(update(Invitation).values(expires=long_ago))
        user = api(make_user())
        assert user.post(ACCEPT, {"token": token_in(first)}).status_int == 422
        answer = client.post(f"{path}{row['id']}/resend")
        assert answer.status_int == 202
        assert answer.json == client.get(f"{path}{row['id']}").json
        assert answer.json["expires"] > row["expires"]
        assert "invitation_resent" in [each["action"] for each in events()]
        [(_, second)] = mailed()
        assert user.post(ACCEPT, {"token": token_in(first)}).status_int == 422
        assert user.post(ACCEPT, {"token": token_in(second)}).status_int == 200

    def test_leaves_the_link_where_its_owner_gets_no_more_mails(
        self, client, path, mailed, api, make_user
    ):
        row = client.post(path, {"email": "ada@example.com"}).json
        for _ in range(9):
            client.post(f"{path}{row['id']}/resend")
        *_, (_, last) = mailed()
        client.post(f"{path}{row['id']}/resend")
        assert mailed() == []
        answer = api(make_user()).post(ACCEPT, {"token": token_in(last)})
        assert answer.status_int == 200


class TestExpired:
    def test_is_purged_after_thirty_days(self, app, team, make_invitation, db):
        days = (1, 29, 31)
        rows = [
            make_invitation(team, expires=now() - timedelta(days=ago))[0].id
            for ago in days
        ]
        (purge,) = [e for e in app.registry.expiring if e.table == "invitation"]
        db.execute(purge.statement, {"now": now() - purge.after, "batch": 10})
        left = select(Invitation.id).order_by(Invitation.id)
        assert db.scalars(left).all() == rows[:2]


class TestAccept:
    def test_works_once(self, api, make_user, team, make_invitation):
        _, token = make_invitation(team)
        assert api(make_user()).post(ACCEPT, {"token": token}).status_int == 200
        answer = api(make_user()).post(ACCEPT, {"token": token})
        assert answer.json == GONE

    @pytest.mark.parametrize("end", ["revoked", "expired", "deleted"])
    def test_is_over_with_the_invitation(
        self, api, client, path, make_user, team, make_invitation, db, end
    ):
        row, token = make_invitation(team)
        if end == "revoked":
            assert client.delete(f"{path}{row.id}").status_int == 204
        elif end == "deleted":
            assert client.delete(f"/teams/{team.id}").status_int == 204
        else:
            db.execute(update(Invitation).values(expires=now()))
        answer = api(make_user()).post(ACCEPT, {"token": token})
        assert answer.json == GONE

    @pytest.mark.parametrize("token", ["x", "apl_" + "a" * 51, "a" * 80])
    def test_takes_a_token_of_a_mail(self, api, make_user, token):
        answer = api(make_user()).post(ACCEPT, {"token": token})
        assert answer.json == GONE

    def test_leaves_the_invitation_to_others_of_who_is_a_member(
        self, api, client, make_user, team, make_invitation
    ):
        _, token = make_invitation(team)
        answer = client.post(ACCEPT, {"token": token})
        sentence = "The user is already a member of the team."
        assert answer.json == conflict(sentence, "user_id")
        assert api(make_user()).post(ACCEPT, {"token": token}).status_int == 200

    def test_outlives_the_leader_who_has_invited(
        self, api, make_user, make_team, make_invitation, db
    ):
        leader = make_user()
        team = make_team(leaders=[make_user()])
        row, token = make_invitation(team, invited_by_id=leader.id)
        db.delete(leader)
        db.commit()
        db.refresh(row)
        assert row.invited_by_id is None
        assert api(make_user()).post(ACCEPT, {"token": token}).status_int == 200


class TestSignUp:
    @pytest.fixture
    def new(self, team, make_invitation):
        _, token = make_invitation(team, email="ada@example.com")
        return {
            "token": token,
            "username": "ada",
            "password": "an umbrella for the tortoise",
        }

    def test_makes_a_member_with_the_address(self, api, new, team, db):
        answer = api().post(SIGN_UP, new)
        user = db.scalars(select(User).where(User.username == "ada")).one()
        assert answer.status_int == 201
        assert answer.json["user"]["id"] == user.id
        assert (user.email, user.is_active) == ("ada@example.com", True)
        assert db.get(TeamMember, (team.id, user.id)).is_leader is False
        assert api().post(SIGN_UP, new).json == GONE

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"username": "taken"}, 409),
            ({"password": "password1234"}, 422),
            ({"password": "ada@example.com it is"}, 422),
            ({"token": "x"}, 422),
        ],
    )
    def test_changes_nothing_where_something_is_wrong(
        self, api, new, make_user, db, wrong, status
    ):
        make_user(username="taken")
        assert api().post(SIGN_UP, {**new, **wrong}).status_int == status
        assert db.scalars(select(Invitation)).one()

    def test_is_refused_where_the_address_has_an_account(self, api, new, make_user):
        make_user(email="ADA@example.com")
        answer = api().post(SIGN_UP, new)
        sentence = "A user with this email address already exists."
        assert answer.json == conflict(sentence, "email")

    @pytest.mark.parametrize(
        ("signup", "invited", "status", "is_active"),
        [
            ("closed", "false", 403, None),
            ("closed", "true", 201, True),
            ("approval", "false", 201, False),
            ("approval", "true", 201, True),
        ],
    )
    def test_is_as_sign_up_is_or_open_to_who_is_invited(
        self, api, new, shared_app, db, signup, invited, status, is_active
    ):
        app = shared_app(signup=signup, invitation_signup=invited)
        assert api(app=app).post(SIGN_UP, new).status_int == status
        found = db.scalar(select(User.is_active).where(User.username == "ada"))
        assert found is is_active
