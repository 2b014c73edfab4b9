"""The link on its way over SMTP, also where the server is down at first."""

from sqlalchemy import select, update

from apiserver.core.jobs import QueuedJob, work_off
from apiserver.password_resets.actions import find_link
from apiserver.password_resets.models import PasswordReset
from tests.mail.features import sending, smtp
from tests.mail.post import token_in

__all__ = ["sending", "smtp"]
from tests.password_resets.test_resets import ASK


def test_only_the_link_of_the_last_attempt_works(sending, smtp, api, user, db):
    """The first one may have arrived, though the server has said that it did not."""
    post, _ = smtp
    assert api(app=sending).post(ASK, {"email": user.email}).status_int == 202
    post.refusals = {"DATA": "451 later"}
    assert work_off(sending.registry) == ["done", "failed"]
    # Where it may wait for long, no address is stored.
    assert db.scalars(select(QueuedJob.payload)).all() == [f'{{"user_id":{user.id}}}']
    first = db.scalar(select(PasswordReset.digest))
    post.refusals = {}
    db.execute(update(QueuedJob).values(due=QueuedJob.created))
    assert work_off(sending.registry) == ["done"]
    db.expire_all()
    assert db.scalar(select(PasswordReset.digest)) != first
    [mail] = post.mails
    assert post.recipients == [user.email]
    assert find_link(db, token_in(mail)).user_id == user.id
