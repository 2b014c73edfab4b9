"""Accounts at providers, of the caller or of another user."""

from itertools import count
from typing import Any

from apiserver.providers.models import LinkedIdentity
from tests.contract.places import Place
from tests.factories import make_user

NUMBERS = count(1)


def link(db: Any, user: Any) -> int:
    issuer = f"https://{next(NUMBERS)}.example.com"
    values = {"issuer": issuer, "subject": "a1", "name": "ada@example.com"}
    row = LinkedIdentity(user_id=user.id, **values)
    db.add(row)
    db.commit()
    return row.id


def identities(db: Any, caller: Any, role: str | None) -> Place:
    user = caller if role == "user:self" else make_user(db)
    made = [link(db, user) for _ in "ab"]
    return Place({"user_id": user.id, "identity_id": made[0]}, {role})


def own_identities(db: Any, caller: Any, role: str | None) -> Place:
    made = [link(db, caller or make_user(db)) for _ in "ab"]
    return Place({"identity_id": made[0]}, {"user:self"} if caller else ())


PLACES = {
    "/users/{user_id}/identities/": identities,
    "/users/{user_id}/identities/{identity_id}": identities,
    "/users/me/identities/": own_identities,
    "/users/me/identities/{identity_id}": own_identities,
}
