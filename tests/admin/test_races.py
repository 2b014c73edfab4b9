"""Two administrators deactivate each other: one of them stays, by whatever door."""

import pytest
from sqlalchemy import select, update

from apiserver.auth.browser import csrf_token
from apiserver.auth.models import OAuth2Client
from apiserver.auth.tokens import SESSION, digest, make_token
from apiserver.users.models import User
from tests import cookies, factories
from tests.racers import Call, statuses

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("turn", range(3))]


@pytest.fixture
def alone(open_session):
    """A function that makes accounts, the only administrators that are active."""

    def make(number):
        with open_session() as db:
            db.execute(update(User).where(User.is_admin).values(is_active=False))
            db.commit()
            return [factories.make_user(db, "admin") for _ in range(number)]

    return make


@pytest.fixture
def pressing(open_session):
    """A function that returns the call by which somebody presses a button."""

    def call(user, path, **button):
        value = make_token(SESSION)
        with open_session() as db:
            factories.make_session(db, user, digest=digest(value))
        cookie = {"Cookie": f"{cookies.SESSION}={value}"}
        form = {"csrf": csrf_token(value), **button}
        return Call(None, "POST", path, form=form, headers=cookie)

    return call


def test_one_administrator_stays(racers, open_session, alone, pressing, turn):
    pair = alone(2)
    calls = [
        pressing(user, f"/admin/user?id={other.id}", deactivate="1")
        for user, other in (pair, pair[::-1]) * 2
    ]
    # Whoever was deactivated has to sign in, as if it had been done.
    assert set(statuses(racers.run(*calls))) <= {303, 409}
    with open_session() as db:
        left = db.scalars(select(User.id).where(User.is_admin, User.is_active)).one()
    assert left in {user.id for user in pair}


def test_no_client_goes_to_who_is_deactivated(
    racers, open_session, alone, pressing, turn
):
    """The hand-over is refused, or comes first: then its grants end with the owner."""
    [admin] = alone(1)
    with open_session() as db:
        owner, client = factories.make_user(db), factories.make_client(db)
    end = pressing(admin, f"/admin/user?id={owner.id}", deactivate="1")
    form = {"client": client.client_id, "owner": owner.username}
    ended, given = racers.run(end, pressing(admin, "/admin/client", **form))
    assert ended.status == 303
    assert given.status in {303, 409}
    with open_session() as db:
        row = db.scalars(select(OAuth2Client).where(OAuth2Client.id == client.id)).one()
    is_given = given.status == 303
    assert (row.user_id == owner.id, row.epoch) == (is_given, int(is_given))
