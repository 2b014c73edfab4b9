"""What the operator does with second factors: remove a user's, use another key."""

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from apiserver.factors import sealing
from apiserver.factors.models import Factor, RecoveryCode
from apiserver.users.models import User
from tests.events import event, stored_events
from tests.factories import make_user
from tests.factors.accounts import add_totp

INI = ("-i", "testing.ini")
NEW = Fernet.generate_key().decode()


@pytest.fixture
def ada(db):
    user = make_user(db, username="Ada")
    db.add(RecoveryCode(digest=bytes(32), user_id=user.id))
    add_totp(db, user)
    return user


class TestRemove:
    def test_takes_all_that_there_is(self, command, ada, db):
        number = db.scalar(select(Factor.id))
        db.close()
        done = command("remove-factors", *INI, "--username", "ADA")
        assert done == (
            0,
            "User Ada has no second factor any more (removed: 1); all tokens and "
            "sessions are revoked.\n",
            "",
        )
        for model in (Factor, RecoveryCode):
            assert db.scalars(select(model)).all() == []
        assert db.scalar(select(User.epoch)) == ada.epoch + 1
        target = f"user:{ada.id} factor:{number}"
        recorded = event("factors_removed", target=target)
        assert stored_events(db) == [recorded]

    def test_of_nobody_is_refused(self, command):
        done = command("remove-factors", *INI, "--username", "grace")
        assert done == (1, "", "There is no user grace.\n")


class TestReseal:
    def test_uses_the_first_key(self, command, ada, db, monkeypatch):
        monkeypatch.setenv("APISERVER_FACTORS_KEY", f"{NEW} {sealing.DEVELOPMENT}")
        db.close()
        done = command("reseal-factors", *INI)
        assert done == (
            0,
            "Secrets that are encrypted by the first key now: 1.\n",
            "",
        )
        sealed = db.scalar(select(Factor.secret))
        assert sealing.unseal((NEW,), sealed, user_id=ada.id) is not None

    def test_changes_nothing_where_a_key_is_missing(
        self, command, ada, db, monkeypatch
    ):
        monkeypatch.setenv("APISERVER_FACTORS_KEY", NEW)
        before = db.scalar(select(Factor.secret))
        number = db.scalar(select(Factor.id))
        db.close()
        sentence = f"Factor {number}: No key of apiserver.factors_key fits.\n"
        assert command("reseal-factors", *INI) == (1, "", sentence)
        assert db.scalar(select(Factor.secret)) == before
