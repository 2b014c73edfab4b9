"""The mails about a deletion."""

import pytest
from sqlalchemy import select

from apiserver.account.jobs import delete_account
from apiserver.account.models import AccountDeletion
from apiserver.core.db import now
from tests.mail.features import mails, notified

__all__ = ["mails", "notified"]

PATH = "/users/me/deletion"


@pytest.fixture
def told(app, user, notified):
    """A function that returns what is said in the subject of the only new mail."""

    def read():
        [(recipient, subject)] = notified()
        assert recipient == user.email
        title = app.registry.settings["apiserver.title"]
        return subject.removeprefix(f"Your account at {title} ")

    return read


def test_tell_of_request_and_cancellation(api, user, db, mails, told):
    api(user).post(PATH)
    [mail] = mails()
    assert mail.recipient == user.email
    assert mail.subject.endswith(" will be deleted")
    due = db.scalars(select(AccountDeletion.due)).one()
    assert f"{due:%Y-%m-%d %H:%M}" in mail.text
    assert "https://api.example.com/account/delete" in mail.text
    api(user).delete(PATH)
    assert told() == "is kept"


def test_tell_of_a_refusal(run, user, make_team, db, told):
    make_team(leaders=[user])
    db.add(AccountDeletion(user_id=user.id, due=now()))
    db.commit()
    run(delete_account, user_id=user.id)
    assert told() == "could not be deleted"
