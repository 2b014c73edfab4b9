"""Inviting, resending, revoking and accepting, by the API."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.core.db import now
from apiserver.invitations.models import Invitation
from apiserver.invitations.resources import find
from apiserver.teams.models import TeamMember
from apiserver.users.events import AccountDeleting
from apiserver.users.models import User
from tests.mail.features import LINK_OVER, sending, sent_again, smtp
from tests.problems import conflict, problem
from tests.users.accounts import EMAIL_TAKEN, summary

__all__ = ["sending", "sent_again", "smtp"]

ACCEPT = "/invitations/acceptance"
SIGN_UP = "/invitations/sign-up"
ADA = {"email": "ada@example.com"}


@pytest.fixture
def accept(api):
    """A function by which a user accepts an invitation."""
    return lambda user, token: api(user).post(ACCEPT, {"token": token})


@pytest.fixture
def open_ids(db):
    """A function that returns the ids of the invitations that there are."""
    return lambda: db.scalars(select(Invitation.id).order_by(Invitation.id)).all()


class TestInvite:
    def test_mails_a_link_that_makes_a_member(
        self, client, path, team, leader, mailed_link, accept, make_user, db, acts
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
        assert answer.json == client.get(f"{path}{row.id}").json == shown
        assert client.get(path).json == [shown]
        about = f"invitation:{row.id}"
        page, _, token = mailed_link().partition("?token=")
        assert page == "/account/invitation"
        user = make_user()
        assert accept(user, token).json == {
            "team": {"id": team.id, "title": team.title},
            "user": summary(user),
            "is_leader": True,
        }
        assert client.get(path).json == []
        member = f"team_member:{team.id}/{user.id}"
        assert acts("invitation_created") == [(leader.id, f"{about} of:{team.id}")]
        assert acts("invitation_changed") == [(None, f"{about} digest")]
        assert acts("invitation_accepted") == [(user.id, f"{about} {member}")]

    def test_is_once_for_an_address(self, client, path):
        assert client.post(path, {"email": "ada@bücher.example"}).status_int == 201
        answer = client.post(path, {"email": "ADA@xn--bcher-kva.example"})
        sentence = (
            "This address is already invited: resend that invitation, or revoke it."
        )
        assert answer.json == conflict(sentence, "email")

    @pytest.mark.parametrize("who", ["nobody", "user", "member"])
    def test_tells_nothing_of_accounts(
        self, client, path, team, make_user, db, statements, notified, who
    ):
        """The same statements, the same response, the same mail for every address."""
        user = make_user()
        if who == "member":
            db.add(TeamMember(team_id=team.id, user_id=user.id))
            db.commit()
        email = "nobody@example.com" if who == "nobody" else user.email
        with statements() as executed:
            assert client.post(path, {"email": email}).status_int == 201
        assert [sql for sql in executed if "canonical_email" in sql] == [
            sql for sql in executed if sql.startswith("INSERT INTO invitation")
        ]
        assert [recipient for recipient, _ in notified()] == [email]

    def test_is_bounded_for_a_team(self, client, path, team, make_invitation):
        for _ in range(100):
            make_invitation(team)
        detail = "The team has too many open invitations: revoke some, or wait."
        assert client.post(path, ADA).json == problem(409, detail)

    def test_is_bounded_for_an_address_of_the_network(self, client, path):
        emails = (f"ada{number}@example.com" for number in range(31))
        statuses = [client.post(path, {"email": e}).status_int for e in emails]
        assert statuses == [201] * 30 + [429]

    def test_mails_nothing_once_it_is_revoked(self, client, path, mails):
        row = client.post(path, ADA).json
        assert client.delete(f"{path}{row['id']}").status_int == 204
        assert mails() == []

    def test_is_answered_by_the_link_of_the_last_attempt(
        self, sending, sent_again, api, leader, path, db
    ):
        """The first one may have arrived, though the server has said it did not."""
        assert api(leader, app=sending).post(path, ADA).status_int == 201
        recipients, token = sent_again(select(Invitation.digest))
        assert recipients == ["ada@example.com"]
        assert find(db, token).email == "ada@example.com"


class TestResend:
    def test_replaces_the_link(
        self, client, path, mailed_token, accept, make_user, db, acts
    ):
        row = client.post(path, ADA).json
        first, user = mailed_token(), make_user()
        long_ago = now() - timedelta(days=1)
        db.execute(update(Invitation).values(expires=long_ago))
        assert accept(user, first).status_int == 422
        answer = client.post(f"{path}{row['id']}/resend")
        assert answer.status_int == 202
        assert answer.json == client.get(f"{path}{row['id']}").json
        assert answer.json["expires"] > row["expires"]
        assert len(acts("invitation_resent")) == 1
        second = mailed_token()
        statuses = [accept(user, link).status_int for link in (first, second)]
        assert statuses == [422, 200]

    def test_leaves_the_link_where_its_owner_gets_no_more_mails(
        self, client, path, mails, mailed_token, accept, make_user
    ):
        again = f"{path}{client.post(path, ADA).json['id']}/resend"
        for _ in range(8):
            client.post(again)
        assert len(mails()) == 9
        client.post(again)
        last = mailed_token()
        client.post(again)
        assert mails() == []
        assert accept(make_user(), last).status_int == 200


class TestExpired:
    def test_is_purged_after_thirty_days(
        self, app, team, make_invitation, db, open_ids
    ):
        moments = (now() - timedelta(days=days) for days in (1, 29, 31))
        ids = [make_invitation(team, expires=moment)[0].id for moment in moments]
        (purge,) = [e for e in app.registry.expiring if e.table == "invitation"]
        db.execute(purge.statement, {"now": now() - purge.after, "batch": 10})
        assert open_ids() == ids[:2]


class TestAccept:
    def test_works_once(self, accept, make_user, team, make_invitation):
        _, token = make_invitation(team)
        assert accept(make_user(), token).status_int == 200
        assert accept(make_user(), token).json == LINK_OVER

    @pytest.mark.parametrize("end", ["revoked", "expired", "deleted"])
    def test_is_over_with_the_invitation(
        self, accept, client, path, make_user, team, make_invitation, db, end
    ):
        row, token = make_invitation(team)
        if end == "expired":
            db.execute(update(Invitation).values(expires=now()))
        else:
            ended = f"{path}{row.id}" if end == "revoked" else f"/teams/{team.id}"
            assert client.delete(ended).status_int == 204
        assert accept(make_user(), token).json == LINK_OVER

    @pytest.mark.parametrize("token", ["x", "apl_" + "a" * 51, "a" * 80])
    def test_takes_a_token_of_a_mail(self, accept, make_user, token):
        assert accept(make_user(), token).json == LINK_OVER

    def test_leaves_the_invitation_to_others_of_who_is_a_member(
        self, accept, leader, make_user, team, make_invitation
    ):
        _, token = make_invitation(team)
        sentence = "The user is already a member of the team."
        assert accept(leader, token).json == conflict(sentence, "user_id")
        assert accept(make_user(), token).status_int == 200

    def test_outlives_the_leader_who_has_invited(
        self, accept, make_user, team, make_invitation, db
    ):
        leader = make_user()
        row, token = make_invitation(team, invited_by_id=leader.id)
        db.delete(leader)
        db.commit()
        db.refresh(row)
        assert row.invited_by_id is None
        assert accept(make_user(), token).status_int == 200


def test_goes_with_the_account_of_the_address(
    app, api, make_user, team, make_invitation, db, open_ids
):
    api()
    user = make_user(email="Gertrude@example.com")
    make_invitation(team, email=user.email)
    other, _ = make_invitation(team, email="other@example.com")
    app.registry.notify(AccountDeleting(db, user))
    assert open_ids() == [other.id]


class TestSignUp:
    @pytest.fixture
    def new(self, team, make_invitation):
        _, token = make_invitation(team, email="ada@example.com")
        password = "an umbrella for the tortoise"
        return {"token": token, "username": "ada", "password": password}

    def test_makes_a_member_with_the_address(self, api, new, team, db):
        answer = api().post(SIGN_UP, new)
        user = db.scalars(select(User).where(User.username == "ada")).one()
        assert (answer.status_int, answer.json["user"]["id"]) == (201, user.id)
        assert (user.email, user.is_active) == ("ada@example.com", True)
        assert db.get(TeamMember, (team.id, user.id)).is_leader is False
        assert api().post(SIGN_UP, new).json == LINK_OVER

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
        self, api, new, make_user, open_ids, wrong, status
    ):
        make_user(username="taken")
        assert api().post(SIGN_UP, {**new, **wrong}).status_int == status
        assert len(open_ids()) == 1

    def test_is_refused_where_the_address_has_an_account(self, api, new, make_user):
        make_user(email="ADA@example.com")
        assert api().post(SIGN_UP, new).json == EMAIL_TAKEN

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
