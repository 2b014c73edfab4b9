"""The mails about a deletion."""

import pytest
from sqlalchemy import select

from apiserver.account.jobs import delete_account
from apiserver.account.models import AccountDeletion
from apiserver.core.db import now
from apiserver.core.jobs import work_off
from apiserver.mail.models import ShownMail

PATH = "/users/me/deletion"


@pytest.fixture
def mails(app, api, db):
    """A function that lets the jobs be done, and returns the mails that came of it."""

    def read():
        api()
        assert set(work_off(app.registry)) <= {"done"}
        shown = db.execute(select(ShownMail).order_by(ShownMail.id)).scalars().all()
        return [(mail.recipient, mail.subject) for mail in shown], shown

    return read


def test_tell_of_request_and_cancellation(fresh, api, user, db, mails, app):
    fresh(user).post(PATH)
    about, shown = mails()
    assert about == [(user.email, f"Your account at {title(app)} will be deleted")]
    due = db.scalars(select(AccountDeletion.due)).one()
    assert due.strftime("%Y-%m-%d %H:%M") in shown[0].text
    assert "https://api.example.com/account/delete" in shown[0].text
    db.refresh(user)
    api(user).delete(PATH)
    about, _ = mails()
    assert about[1:] == [(user.email, f"Your account at {title(app)} is kept")]


def test_tell_of_a_refusal(run, user, make_team, db, mails, app):
    make_team(leaders=[user])
    db.add(AccountDeletion(user_id=user.id, due=now()))
    db.commit()
    run(delete_account, user_id=user.id)
    about, _ = mails()
    assert about == [(user.email, f"Your account at {title(app)} could not be deleted")]


def title(app):
    return app.registry.settings["apiserver.title"]
