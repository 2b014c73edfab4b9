"""Many confirm at the same moment: an account is created once."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from apiserver.users.models import User
from tests.addresses.factories import make_sign_up
from tests.racers import Call

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
