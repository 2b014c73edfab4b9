"""Accounts that many processes change at the same moment."""

import pytest
from sqlalchemy import func, select, update

from apiserver.users.models import User
from apiserver.users.names import canonical, skeleton
from tests import factories
from tests.patches import replace
from tests.racers import Call, statuses
from tests.users.accounts import EMAIL_TAKEN, NAME_TAKEN, change_call, newcomer

SCOPES = ("users:read", "users:write")
# Different names that are the same, and others that look the same.
NAMES = {
    "name": (
        ("Straße", "STRASSE", "strasse", "STRAßE"),
        "canonical_username",
        canonical,
    ),
    "look": (("MlLL", "mill", "rniIl"), "username_skeleton", skeleton),
}


def sign_in(db, user):
    return factories.make_token(db, user, scopes=SCOPES)


@pytest.fixture
def count(open_session):
    """A function that counts the accounts of which something holds."""

    def call(*where):
        with open_session() as db:
            return db.scalar(select(func.count(User.id)).where(*where))

    return call


def given_once(answers, status, document):
    """Whether one has got what all wanted, and the others are told so."""
    refused = [answer.json for answer in answers if answer.status != status]
    return refused == [document] * (len(answers) - 1)


class TestUniqueness:
    @pytest.mark.parametrize("number", range(3))
    @pytest.mark.parametrize("names", NAMES)
    def test_name_is_given_once(self, racers, count, names, number):
        spellings, column, compared = NAMES[names]
        names = [name + "x" * number for name in spellings]
        calls = [Call(None, "POST", "/users/", newcomer(username=n)) for n in names]
        assert given_once(racers.run(*calls), 201, NAME_TAKEN)
        assert count(getattr(User, column) == compared(names[0])) == 1

    def test_email_address_is_given_once(self, racers, open_session, count):
        for number in range(10):
            wanted = replace("email", f"wanted{number}@example.com")
            with open_session() as db:
                users = [factories.make_user(db) for _ in range(4)]
                calls = [change_call(sign_in(db, user), user, wanted) for user in users]
            assert given_once(racers.run(*calls), 200, EMAIL_TAKEN)
            assert count(User.email == wanted["value"]) == 1


class TestLastAdministrator:
    @pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}], ids=["", "If-Match"])
    def test_stays(self, racers, open_session, count, headers):
        demote, deactivate = replace("is_admin", False), replace("is_active", False)
        for _ in range(20):
            with open_session() as db:
                db.execute(update(User).values(is_admin=False))
                first, second = (factories.make_user(db, "admin") for _ in range(2))
                one, two = sign_in(db, first), sign_in(db, second)
            answers = racers.run(
                change_call(one, second, demote, **headers),
                change_call(two, first, demote, **headers),
                change_call(one, first, deactivate, **headers),
                change_call(two, second, demote, **headers),
            )
            assert {200} <= {*statuses(answers)} <= {200, 401, 403, 409}, answers
            assert count(User.is_admin, User.is_active) == 1


def test_first_one_to_set_a_new_password_stays_signed_in(racers, open_session):
    for _ in range(3):
        with open_session() as db:
            user = factories.make_user(db)
            tokens = [sign_in(db, user) for _ in range(4)]
        new = [replace("password", f"another battery {n}") for n in range(4)]
        calls = (
            change_call(*each) for each in zip(tokens, [user] * 4, new, strict=True)
        )
        found = statuses(racers.run(*calls))
        # For the others the current password is wrong, or the token invalid.
        assert (found[200], found[401] + found[403]) == (1, 3)
        answers = racers.run(*(Call(t, "GET", "/users/me") for t in tokens))
        assert statuses(answers) == {200: 1, 401: 3}
