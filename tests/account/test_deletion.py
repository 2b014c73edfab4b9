"""Deleting an account: requested, cancelled, and done by the worker."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from apiserver.account.jobs import delete_account, delete_due_accounts
from apiserver.account.models import AccountDeletion
from apiserver.core.db import now
from apiserver.core.jobs import QueuedJob
from apiserver.users.models import User
from tests.problems import problem

PATH = "/users/me/deletion"
NOT_SCHEDULED = problem(404, "The account is not to be deleted.")


class TestRequest:
    def test_gives_two_weeks(self, fresh, api, user, db, events):
        client = fresh(user)
        answer = client.post(PATH)
        assert answer.status_int == 202
        row = db.scalars(select(AccountDeletion)).one()
        assert row.due - row.created == timedelta(days=14)
        shown = {"created": row.created.isoformat(), "due": row.due.isoformat()}
        assert answer.json == shown
        # All that was granted has ended, this token too.
        assert client.get(PATH).status_int == 401
        db.refresh(user)
        assert api(user).get(PATH).json == shown
        [event] = [e for e in events() if e["action"].startswith("deletion_")]
        assert event["action"] == "deletion_requested"
        assert (event["actor_id"], event["target"]) == (user.id, f"user:{user.id}")

    def test_twice_changes_nothing(self, fresh, user, db):
        first = fresh(user).post(PATH)
        db.refresh(user)
        assert fresh(user).post(PATH).json == first.json

    def test_needs_a_recent_sign_in(self, api, user, an_hour_later):
        client = api(user)
        an_hour_later()
        answer = client.post(PATH)
        assert answer.status_int == 401
        challenge = answer.headers["WWW-Authenticate"]
        assert 'error="insufficient_user_authentication"' in challenge

    def test_names_the_teams_that_would_be_left_alone(
        self, fresh, user, make_user, make_team, db
    ):
        team, other = make_team(leaders=[user]), make_team(leaders=[user, make_user()])
        detail = (
            f"These teams would be left without a leader who can act: {team.id}. First "
            "appoint other leaders, or delete the teams."
        )
        assert fresh(user).post(PATH).json == problem(409, detail)
        assert db.scalars(select(AccountDeletion)).all() == []
        db.delete(team)
        db.commit()
        assert fresh(user).post(PATH).status_int == 202
        assert other is not None

    def test_names_the_clients_of_the_operator(self, fresh, user, make_client):
        client = make_client(user, first_party=True)
        detail = (
            f"These clients of the operator would be deleted: {client.client_id}. "
            "First transfer them to another owner."
        )
        assert fresh(user).post(PATH).json == problem(409, detail)

    def test_keeps_the_last_administrator(self, fresh, make_user):
        admin = make_user("admin")
        answer = fresh(admin).post(PATH)
        assert answer.json == problem(409, "This is the last active administrator.")
        make_user("admin")
        assert fresh(admin).post(PATH).status_int == 202

    def test_is_for_read_only_accounts_too(self, fresh, make_user, db):
        user = make_user("read_only")
        assert fresh(user).post(PATH).status_int == 202
        db.refresh(user)
        client = fresh(user)
        assert client.get(PATH).json["due"] is not None
        assert client.delete(PATH).status_int == 204
        assert client.delete(PATH).json == NOT_SCHEDULED
        path = f"/users/{make_user().id}/deletion"
        assert client.post(path).status_int == 403


class TestCancel:
    def test_keeps_the_account(self, fresh, api, user, db, events):
        fresh(user).post(PATH)
        db.refresh(user)
        client = api(user)
        assert client.delete(PATH).status_int == 204
        assert client.get(PATH).json == {"created": None, "due": None}
        assert client.delete(PATH).json == NOT_SCHEDULED
        assert events()[-1]["action"] == "deletion_cancelled"


class TestDelete:
    @pytest.fixture
    def due(self, db):
        """A function that says that the account is to be deleted by now."""

        def call(user, after=timedelta(0)):
            db.add(AccountDeletion(user_id=user.id, due=now() + after))
            db.commit()

        return call

    def test_is_done_once_it_is_due(self, run, due, user, make_user, db, events):
        other = make_user()
        due(user)
        due(other, timedelta(minutes=1))
        run(delete_due_accounts)
        queued = db.scalars(select(QueuedJob.payload)).all()
        assert queued == [f'{{"user_id":{user.id}}}']
        ids = [user.id, other.id, user.id]
        for user_id in ids:
            run(delete_account, user_id=user_id)
        db.expire_all()
        assert db.scalars(select(User.id)).all() == [ids[1]]
        deleted = [e for e in events() if e["action"] == "user_deleted"]
        assert [e["target"] for e in deleted] == [f"user:{ids[0]}"]

    def test_is_decided_again(self, run, due, user, make_team, db, events):
        due(user)
        make_team(leaders=[user])
        run(delete_account, user_id=user.id)
        db.expire_all()
        assert db.get(User, user.id) is not None
        assert db.scalars(select(AccountDeletion)).all() == []
        assert events()[-1]["action"] == "deletion_refused"

    def test_keeps_an_administrator(self, run, due, make_user, db):
        admins = [make_user("admin") for _ in "ab"]
        for admin in admins:
            due(admin)
        ids = [admin.id for admin in admins]
        for user_id in ids:
            run(delete_account, user_id=user_id)
        db.expire_all()
        assert db.scalars(select(User.id)).all() == [ids[1]]

    def test_is_done_at_once_where_there_is_no_grace(self, shared_app, fresh, user, db):
        app = shared_app(features="users teams auth account", deletion_grace="0")
        assert fresh(user, app=app).post(PATH).status_int == 202
        payloads = db.scalars(
            select(QueuedJob.payload).where(QueuedJob.name == "delete_account")
        ).all()
        assert payloads == [f'{{"user_id":{user.id}}}']
