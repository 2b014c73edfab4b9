"""Many use links at the same moment: each is used once."""

import pytest
from sqlalchemy import func, select

from apiserver.users.models import User
from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.factories import make_token, make_user
from tests.patches import replace
from tests.racers import Call, statuses
from tests.users.accounts import change_call

pytestmark = pytest.mark.slow

MANY = 40


def use(link, what, caller=None):
    """Return the call that uses a link."""
    return Call(caller, "POST", f"/users/{what}", {"token": link})


def names(same, number):
    """Return what a sign-up is about; part of it is the same for all numbers."""
    username = same if same in {"username", "both"} else f"{same}{number}"
    address = same if same in {"email", "both"} else f"{same}{number}"
    return {"username": username, "email": f"{address}@example.com"}


@pytest.mark.parametrize("same", ["link", "username", "email", "both"])
def test_confirming_at_once_makes_one_account(racers, open_session, same):
    """By one link, or by links of as many sign-ups for one name or address."""
    with open_session() as db:
        before = db.scalar(select(func.count(User.id)))
        links = [
            make_sign_up(db, **names(same, number))[1]
            for number in range(1 if same == "link" else MANY)
        ]
    sent = links * MANY if same == "link" else links
    answers = racers.run(*(use(link, "sign-ups/confirmation") for link in sent))
    refused = 422 if same == "link" else 409
    assert statuses(answers) == {200: 1, refused: MANY - 1}
    with open_session() as db:
        assert db.scalar(select(func.count(User.id))) == before + 1


@pytest.mark.parametrize("last", ["confirmation", "taking-back"])
def test_a_change_is_made_and_taken_back_once(racers, open_session, last):
    """By whoever holds the link, however often, with any token of the account."""
    make = make_change if last == "confirmation" else make_take_back
    with open_session() as db:
        user = make_user(db)
        row, link = make(db, user)
        token = make_token(db, user, scopes=("users:read",))
    both = [use(link, f"address-changes/{last}", caller) for caller in (None, token)]
    found = statuses(racers.run(*both * (MANY // 2)))
    assert found[204] == 1
    assert set(found) <= {204, 401, 422}
    with open_session() as db:
        stored = db.get_one(User, user.id)
        assert stored.email == row.email
        assert stored.epoch == user.epoch + (last == "taking-back")


def test_one_address_goes_to_one_of_many(racers, open_session):
    with open_session() as db:
        email = "one@example.com"
        links = [make_change(db, make_user(db), email=email)[1] for _ in range(MANY)]
    answers = racers.run(*(use(link, "address-changes/confirmation") for link in links))
    assert statuses(answers) == {204: 1, 409: MANY - 1}


def test_an_administrator_wins_over_those_who_take_back(racers, open_session):
    """Whoever comes first: afterwards the link is used up, or has ended."""
    with open_session() as db:
        user = make_user(db)
        _, link = make_take_back(db, user)
        admin = make_token(db, make_user(db, "admin"), scopes=("users:write",))
    back = use(link, "address-changes/taking-back")
    given = change_call(admin, user, replace("email", "given@example.com"))
    answers = racers.run(*[back] * 6, given, *[back] * 5)
    assert answers.pop(6).status == 200
    found = statuses(answers)
    assert set(found) <= {204, 422}
    assert found[204] <= 1
    with open_session() as db:
        assert db.get_one(User, user.id).email == "given@example.com"
