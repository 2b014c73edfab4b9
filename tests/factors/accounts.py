"""Accounts with second factors, for tests."""

from datetime import timedelta

from pyotp import TOTP, random_base32

from apiserver.core.db import now
from apiserver.factors import sealing
from apiserver.factors.models import Factor

KEYS = ()
STEP = timedelta(seconds=30)
# A recovery code.
CODE = "k7mw-xq2c-rr9d-3hfn"


def add_totp(db, user, *, confirmed=True, name="Phone"):
    """Give a user an app that shows codes; return its row and the app."""
    secret = random_base32()
    factor = Factor(
        user_id=user.id,
        kind="totp",
        name=name,
        confirmed=now() if confirmed else None,
        secret=sealing.seal(KEYS, secret, user_id=user.id),
    )
    db.add(factor)
    db.commit()
    return factor, TOTP(secret)


def code_of(app, steps=0):
    """Return the code that an app shows, so many steps from now."""
    return app.at(now() + steps * STEP)


def set_up_passkey(client, authenticator, name="Laptop"):
    """Let a caller of the API make a passkey; return the response."""
    options = client.post("/users/me/factors/passkey-options").json["options"]
    body = {"name": name, "credential": authenticator.create(options)}
    return client.post("/users/me/factors/passkeys", body)
