"""Accounts at providers, of the caller or of another user."""

from itertools import count

from apiserver.providers.models import LinkedIdentity
from tests.contract.places import of_account

NUMBERS = count(1)


def identities(db, user):
    rows = [
        LinkedIdentity(
            user_id=user.id,
            issuer=f"https://{next(NUMBERS)}.example.com",
            subject="a1",
            name="ada@example.com",
        )
        for _ in "ab"
    ]
    db.add_all(rows)
    db.commit()
    return {"identity_id": rows[0].id}


PLACES = {
    **of_account("/identities/", identities),
    **of_account("/identities/{identity_id}", identities),
}
