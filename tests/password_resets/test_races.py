"""Many processes use one link at the same moment: it works once."""

import pytest
from sqlalchemy import select

from apiserver.auth.browser import csrf_token
from apiserver.core.jobs import QueuedJob
from apiserver.mail.notices import mail_notice
from apiserver.users.models import User
from tests import factories
from tests.cookies import LOGIN
from tests.password_resets.factories import make_reset
from tests.racers import Call, statuses

pytestmark = pytest.mark.slow

USES = 40
CONFIRM = "/auth/password-resets/confirmation"


def call(token, number, caller=None):
    """Return the use of a link from an address of its own, for another password."""
    body = {"token": token, "password": f"an umbrella for {number} tortoises"}
    return Call(caller, "POST", CONFIRM, body, address=f"192.0.2.{number}")


def send(token, number):
    """Return the use of a link on the page, by a browser of its own."""
    secret, by_api = f"{number:043}", call(token, number)
    return by_api._replace(
        path="/account/new-password",
        json=None,
        form={**by_api.json, "csrf": csrf_token(secret)},
        headers={"Cookie": f"{LOGIN}={secret}"},
    )


@pytest.mark.parametrize("turn", range(2))
def test_a_link_works_once(racers, open_session, turn):
    """By the API and on the page together."""
    with open_session() as db:
        user = factories.make_user(db)
        token = make_reset(db, user)
        epoch = user.epoch
    doors = [call, send] * (USES // 2)
    answers = racers.run(*(door(token, n) for n, door in enumerate(doors, 1)))
    found = statuses(answers)
    assert (found[200] + found[204], found[404] + found[422]) == (1, USES - 1)
    with open_session() as db:
        assert db.get(User, user.id).epoch == epoch + 1
        jobs = select(QueuedJob.payload).where(
            QueuedJob.name == mail_notice.name,
            QueuedJob.payload.contains(user.email),
        )
        assert len(db.scalars(jobs).all()) == 1


@pytest.mark.parametrize("turn", range(2))
def test_users_of_each_others_links_wait_for_nobody(racers, open_session, turn):
    """Each calls with a token of the own account, which the other's link ends."""
    with open_session() as db:
        users = [factories.make_user(db) for _ in range(4)]
        callers = [factories.make_token(db, user, scopes=()) for user in users]
        links = [make_reset(db, user) for user in users]
    links.append(links.pop(0))
    pairs = zip(links, callers, strict=True)
    calls = [call(link, n, caller) for n, (link, caller) in enumerate(pairs, 1)]
    found = set(statuses(racers.run(*calls)))
    assert {204} <= found <= {204, 401}
