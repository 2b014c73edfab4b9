"""The link on its way over SMTP, also where the server is down at first."""

from sqlalchemy import select, update

from apiserver.core.jobs import QueuedJob, work_off
from apiserver.invitations.models import Invitation
from apiserver.invitations.resources import find
from tests.mail.features import sending, smtp
from tests.mail.post import token_in

__all__ = ["sending", "smtp"]


def test_only_the_link_of_the_last_attempt_works(sending, smtp, api, leader, path, db):
    """The first one may have arrived, though the server has said that it did not."""
    post, _ = smtp
    client = api(leader, app=sending)
    assert client.post(path, {"email": "ada@example.com"}).status_int == 201
    post.refusals = {"DATA": "451 later"}
    assert work_off(sending.registry) == ["failed"]
    first = db.scalar(select(Invitation.digest))
    post.refusals = {}
    db.execute(update(QueuedJob).values(due=QueuedJob.created))
    assert work_off(sending.registry) == ["done"]
    assert db.scalar(select(Invitation.digest)) != first
    [mail] = post.mails
    assert post.recipients == ["ada@example.com"]
    assert find(db, token_in(mail)).email == "ada@example.com"
