"""The link on its way over SMTP, also where the server is down at first."""

import re

import pytest
from sqlalchemy import select, update

from apiserver.core.jobs import QueuedJob, work_off
from apiserver.invitations.models import Invitation
from apiserver.invitations.resources import find
from tests.mail.post import serving


@pytest.fixture
def smtp():
    """What a server gets, and its port."""
    with serving(auth_require_tls=False) as served:
        yield served


@pytest.fixture
def sending(make_app, database_url, smtp):
    return make_app(
        database_url,
        smtp_host="127.0.0.1",
        smtp_port=str(smtp[1]),
        smtp_security="none",
        mail_from="no-reply@example.com",
    )


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
    text, _ = mail.iter_parts()
    token = re.search(r"token=(\S+)", text.get_content())[1]
    assert find(db, token).email == "ada@example.com"
