"""Many use links at the same moment: each is used once."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from apiserver.users.models import User
from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.factories import make_token, make_user
from tests.patches import replace
from tests.racers import Call
from tests.users.accounts import patch

pytestmark = pytest.mark.slow

MANY = 40
CONFIRMATION = "/users/sign-ups/confirmation"


@pytest.mark.parametrize("same", ["link", "username", "email", "both"])
def test_confirming_at_once_makes_one_account(racers, open_session, same):
    """By one link, or by links of as many sign-ups for one name or address."""
    with open_session() as db:
        before = db.scalar(select(func.count(User.id)))
        tokens = [
            make_sign_up(db, **names(same, number))[1]
            for number in range(1 if same == "link" else MANY)
        ]
    sent = tokens * MANY if same == "link" else tokens
    calls = [Call(None, "POST", CONFIRMATION, {"token": token}) for token in sent]
    statuses = Counter(answer.status for answer in racers.run(*calls))
    assert statuses == {200: 1, (422 if same == "link" else 409): MANY - 1}
    with open_session() as db:
        assert db.scalar(select(func.count(User.id))) == before + 1


def names(same, number):
    """Return what a sign-up is about; part of it is the same for all numbers."""
    username = same if same in {"username", "both"} else f"{same}{number}"
    address = same if same in {"email", "both"} else f"{same}{number}"
    return {"username": username, "email": f"{address}@example.com"}


@pytest.mark.parametrize("last", ["confirmation", "taking-back"])
def test_a_change_is_made_and_taken_back_once(racers, open_session, last):
    """By whoever holds the link, however often, with any token of the account."""
    make = make_change if last == "confirmation" else make_take_back
    with open_session() as db:
        user = make_user(db)
        row, link = make(db, user)
        token = make_token(db, user, scopes=("users:read",))
    path = f"/users/address-changes/{last}"
    sent = {"token": link}
    half = [Call(each, "POST", path, sent) for each in (None, token)] * (MANY // 2)
    statuses = Counter(answer.status for answer in racers.run(*half))
    assert statuses[204] == 1
    assert set(statuses) <= {204, 401, 422}
    with open_session() as db:
        found = db.get_one(User, user.id)
        assert found.email == row.email
        assert found.epoch == user.epoch + (last == "taking-back")


def test_one_address_goes_to_one_of_many(racers, open_session):
    with open_session() as db:
        links = [
            make_change(db, make_user(db), email="one@example.com")[1]
            for _ in range(MANY)
        ]
    path = "/users/address-changes/confirmation"
    calls = [Call(None, "POST", path, {"token": link}) for link in links]
    statuses = Counter(answer.status for answer in racers.run(*calls))
    assert statuses == {204: 1, 409: MANY - 1}


def test_an_administrator_wins_over_those_who_take_back(racers, open_session):
    """Whoever comes first: afterwards the link is used up, or has ended."""
    with open_session() as db:
        user = make_user(db)
        _, link = make_take_back(db, user)
        admin = make_token(db, make_user(db, "admin"), scopes=("users:write",))
    path = "/users/address-changes/taking-back"
    back = Call(None, "POST", path, {"token": link})
    change = patch(replace("email", "given@example.com"))
    given = Call(admin, "PATCH", f"/users/{user.id}", change)
    statuses = [answer.status for answer in racers.run(*[back] * 6, given, *[back] * 5)]
    assert statuses.pop(6) == 200
    assert set(statuses) <= {204, 422}
    assert statuses.count(204) <= 1
    with open_session() as db:
        assert db.get_one(User, user.id).email == "given@example.com"
