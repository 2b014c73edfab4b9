"""Accounts that many processes change at the same moment."""

from collections import Counter
from itertools import cycle

import pytest
from sqlalchemy import func, select, update

from apiserver.users.models import User
from apiserver.users.names import canonical, skeleton
from tests import factories
from tests.patches import replace
from tests.problems import conflict
from tests.racers import Call
from tests.users.accounts import newcomer, patch

SCOPES = ("users:read", "users:write")
NAME_TAKEN = conflict(
    "This username, or one that looks like it, is already taken.", "username"
)
EMAIL_TAKEN = conflict("A user with this email address already exists.", "email")

ACTIVE_ADMINISTRATORS = select(func.count()).where(User.is_admin, User.is_active)


addresses = cycle(range(1, 255))


def sign_in(db, user):
    return factories.make_token(db, user, scopes=SCOPES)


def change(token, user, *operations, **headers):
    """Return the call that patches an account, from an address of its own.

    From the same address they would wait for each other to count the tries.
    """
    address = f"192.0.2.{next(addresses)}"
    path = f"/users/{user.id}"
    return Call(token, "PATCH", path, patch(*operations), headers, address=address)


class TestUniqueness:
    @pytest.mark.parametrize("number", range(3))
    @pytest.mark.parametrize(
        ("names", "column", "compared"),
        [
            (
                ("Straße", "STRASSE", "strasse", "STRAßE"),
                User.canonical_username,
                canonical,
            ),
            (("MlLL", "mill", "rniIl", "Mi1l"), User.username_skeleton, skeleton),
        ],
        ids=["name", "look"],
    )
    def test_name_is_given_once(
        self, racers, open_session, names, column, compared, number
    ):
        names = [name + "x" * number for name in names]
        calls = [Call(None, "POST", "/users/", newcomer(username=n)) for n in names]
        answers = racers.run(*calls)
        assert Counter(answer.status for answer in answers) == {201: 1, 409: 3}
        refused = [answer.json for answer in answers if answer.status == 409]
        assert refused == [NAME_TAKEN] * 3
        with open_session() as db:
            same = column == compared(names[0])
            assert db.scalar(select(func.count()).where(same)) == 1

    def test_email_address_is_given_once(self, racers, open_session):
        for number in range(10):
            email = f"wanted{number}@example.com"
            with open_session() as db:
                users = [factories.make_user(db) for _ in range(4)]
                calls = [
                    change(sign_in(db, user), user, replace("email", email))
                    for user in users
                ]
            answers = racers.run(*calls)
            assert Counter(answer.status for answer in answers) == {200: 1, 409: 3}
            refused = [answer.json for answer in answers if answer.status == 409]
            assert refused == [EMAIL_TAKEN] * 3
            with open_session() as db:
                same = User.email == email
                assert db.scalar(select(func.count()).where(same)) == 1


class TestLastAdministrator:
    @pytest.fixture
    def make_two(self, open_session):
        """A function that makes the only two administrators, and tokens of them."""

        def make():
            with open_session() as db:
                db.execute(update(User).values(is_admin=False))
                first, second = (factories.make_user(db, "admin") for _ in range(2))
                return first, second, sign_in(db, first), sign_in(db, second)

        return make

    @pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}], ids=["", "If-Match"])
    def test_stays(self, racers, open_session, make_two, headers):
        demote, deactivate = replace("is_admin", False), replace("is_active", False)
        for _ in range(20):
            first, second, one, two = make_two()
            answers = racers.run(
                change(one, second, demote, **headers),
                change(two, first, demote, **headers),
                change(one, first, deactivate, **headers),
                change(two, second, demote, **headers),
            )
            statuses = {answer.status for answer in answers}
            assert statuses <= {200, 401, 403, 409}, answers
            assert 200 in statuses
            with open_session() as db:
                assert db.scalar(ACTIVE_ADMINISTRATORS) == 1


class TestNewPassword:
    def test_first_one_to_set_it_stays_signed_in(self, racers, open_session):
        for _ in range(3):
            with open_session() as db:
                user = factories.make_user(db)
                tokens = [sign_in(db, user) for _ in range(4)]
            answers = racers.run(
                *(
                    change(
                        token, user, replace("password", f"another battery {number}")
                    )
                    for number, token in enumerate(tokens)
                )
            )
            statuses = Counter(answer.status for answer in answers)
            # For the others the current password is wrong, or the token invalid.
            assert statuses[200] == 1
            assert statuses[401] + statuses[403] == 3
            answers = racers.run(*(Call(t, "GET", "/users/me") for t in tokens))
            assert Counter(a.status for a in answers) == {200: 1, 401: 3}
