"""Deleting an account: requested and cancelled by API and page, done by the worker."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from apiserver.account.jobs import delete_account, delete_due_accounts
from apiserver.account.models import AccountDeletion
from apiserver.core.db import now
from apiserver.core.jobs import QueuedJob
from apiserver.users.models import User
from tests.factories import PASSWORD
from tests.problems import problem
from tests.project import STALE

PATH = "/users/me/deletion"
PAGE = "/account/delete"
NOT_SCHEDULED = problem(404, "The account is not to be deleted.")


@pytest.fixture
def deletions(db):
    """A function that returns the accounts that are to be deleted."""
    return lambda: db.scalars(select(AccountDeletion.user_id)).all()


class TestApi:
    def test_gives_two_weeks(self, api, user, db, acts):
        client = api(user)
        answer = client.post(PATH)
        row = db.scalars(select(AccountDeletion)).one()
        assert row.due - row.created == timedelta(days=14)
        shown = {"created": row.created.isoformat(), "due": row.due.isoformat()}
        assert (answer.status_int, answer.json) == (202, shown)
        # All that was granted has ended, this token too.
        assert client.get(PATH).status_int == 401
        assert acts("deletion_requested") == [(user.id, f"user:{user.id}")]
        db.refresh(user)
        assert api(user).get(PATH).json == shown
        # Again changes nothing.
        assert api(user).post(PATH).json == shown

    def test_cancelling_keeps_the_account(self, api, user, db, acts):
        api(user).post(PATH)
        db.refresh(user)
        client = api(user)
        assert client.delete(PATH).status_int == 204
        assert client.get(PATH).json == {"created": None, "due": None}
        assert client.delete(PATH).json == NOT_SCHEDULED
        target = f"deletion_of:{user.id}"
        assert acts("deletion_cancelled") == [(user.id, target)]

    def test_needs_a_recent_sign_in(self, api, user, an_hour_later):
        client = api(user)
        an_hour_later()
        assert client.post(PATH).json == STALE

    def test_names_the_clients_of_the_operator(self, api, user, make_client):
        client = make_client(user, first_party=True)
        detail = (
            f"These clients of the operator would be deleted: {client.client_id}. "
            "First transfer them to another owner."
        )
        assert api(user).post(PATH).json == problem(409, detail)

    def test_names_the_teams_that_would_be_left_alone(
        self, api, user, make_user, make_team, db, deletions
    ):
        team, _ = make_team(leaders=[user]), make_team(leaders=[user, make_user()])
        detail = (
            f"These teams would be left without a leader who can act: {team.id}. First "
            "appoint other leaders, or delete the teams."
        )
        assert api(user).post(PATH).json == problem(409, detail)
        assert deletions() == []
        db.delete(team)
        db.commit()
        assert api(user).post(PATH).status_int == 202

    def test_keeps_the_last_administrator(self, api, make_user):
        client = api(make_user("admin"))
        refused = problem(409, "This is the last active administrator.")
        assert client.post(PATH).json == refused
        make_user("admin")
        assert client.post(PATH).status_int == 202

    def test_is_for_read_only_accounts_too(self, api, make_user, db):
        user = make_user("read_only")
        assert api(user).post(PATH).status_int == 202
        db.refresh(user)
        client = api(user)
        assert client.delete(PATH).status_int == 204
        path = f"/users/{make_user().id}/deletion"
        assert client.post(path).status_int == 403

    def test_is_done_at_once_where_there_is_no_grace(self, shared_app, api, user, db):
        app = shared_app(features="users teams auth account", deletion_grace="0")
        assert api(user, app=app).post(PATH).status_int == 202
        payloads = select(QueuedJob.payload).where(QueuedJob.name == "delete_account")
        assert db.scalars(payloads).all() == [f'{{"user_id":{user.id}}}']


class TestPage:
    @pytest.mark.parametrize("kind", ["regular", "read_only"])
    def test_signs_out_and_can_be_cancelled(
        self, browser, make_user, db, acts, deletions, kind
    ):
        user = make_user(kind)
        browser.sign_in(user.username, PASSWORD)
        assert "14 days" in browser.call("GET", PAGE).text
        page = browser.submit(PAGE, delete="1")
        assert "Your account will be deleted" in page.text
        due = db.get(AccountDeletion, user.id).due
        assert browser.call("GET", PAGE).status_int == 303
        browser.sign_in(user.username, PASSWORD)
        page = browser.call("GET", "/account/")
        assert f"deleted on {due.day} {due:%B %Y}" in page.text
        assert due.isoformat() in browser.call("GET", PAGE).text
        for _ in "ab":
            assert browser.submit(PAGE, cancel="1").headers["Location"] == PAGE
            assert "Delete my account" in browser.call("GET", PAGE).text
        assert deletions() == []
        for what in ("requested", "cancelled"):
            assert [actor for actor, _ in acts(f"deletion_{what}")] == [user.id]

    def test_names_what_is_in_the_way(self, signed_in, user, make_team):
        team = make_team(leaders=[user])
        signed_in.call("GET", PAGE)
        page = signed_in.submit(PAGE, delete="1")
        assert page.status_int == 409
        assert f"a leader who can act: {team.id}." in page.text
        assert signed_in.call("GET", "/account/").status_int == 200

    def test_needs_a_recent_sign_in(self, refused_later):
        assert "sign in again" in refused_later(PAGE, delete="1")


class TestDelete:
    @pytest.fixture
    def due(self, db):
        """A function that says that the account is to be deleted by now."""

        def call(user, after=timedelta(0)):
            db.add(AccountDeletion(user_id=user.id, due=now() + after))
            db.commit()
            return user.id

        return call

    @pytest.fixture
    def left(self, db):
        """A function that returns the ids of the accounts that there are."""
        return lambda: db.scalars(select(User.id).order_by(User.id)).all()

    def test_is_done_once_it_is_due(self, run, due, user, make_user, left, db, acts):
        gone, kept = due(user), due(make_user(), timedelta(minutes=1))
        run(delete_due_accounts)
        queued = db.scalars(select(QueuedJob.payload)).all()
        assert queued == [f'{{"user_id":{gone}}}']
        for user_id in (gone, kept, gone):
            run(delete_account, user_id=user_id)
        assert left() == [kept]
        assert acts("user_deleted") == [(None, f"user:{gone}")]

    def test_is_decided_again(self, run, due, user, make_team, left, deletions, acts):
        make_team(leaders=[user])
        run(delete_account, user_id=due(user))
        assert (left(), deletions()) == ([user.id], [])
        assert len(acts("deletion_refused")) == 1

    def test_keeps_an_administrator(self, run, due, make_user, left):
        ids = [due(make_user("admin")) for _ in "ab"]
        for user_id in ids:
            run(delete_account, user_id=user_id)
        assert left() == [ids[1]]
