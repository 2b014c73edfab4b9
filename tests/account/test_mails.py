"""The mails about a deletion."""

from sqlalchemy import select

from apiserver.account.jobs import delete_account
from apiserver.account.models import AccountDeletion
from apiserver.core.db import now
from tests.mail.features import mails

__all__ = ["mails"]

PATH = "/users/me/deletion"


def about(mails):
    return [(mail.recipient, mail.subject) for mail in mails]


def test_tell_of_request_and_cancellation(fresh, api, user, db, mails, app):
    fresh(user).post(PATH)
    shown = mails()
    assert about(shown) == [
        (user.email, f"Your account at {title(app)} will be deleted")
    ]
    due = db.scalars(select(AccountDeletion.due)).one()
    assert due.strftime("%Y-%m-%d %H:%M") in shown[0].text
    assert "https://api.example.com/account/delete" in shown[0].text
    db.refresh(user)
    api(user).delete(PATH)
    assert about(mails())[1:] == [(user.email, f"Your account at {title(app)} is kept")]


def test_tell_of_a_refusal(run, user, make_team, db, mails, app):
    make_team(leaders=[user])
    db.add(AccountDeletion(user_id=user.id, due=now()))
    db.commit()
    run(delete_account, user_id=user.id)
    assert about(mails()) == [
        (user.email, f"Your account at {title(app)} could not be deleted")
    ]


def title(app):
    return app.registry.settings["apiserver.title"]
