"""Second factors, one's own and those of others."""

from hashlib import sha256

from apiserver.core.db import now
from apiserver.factors.actions import CHALLENGE_LIFETIME
from apiserver.factors.models import FactorChallenge
from tests.contract.places import Place
from tests.factories import make_user
from tests.factors.accounts import add_totp, code_of
from tests.factors.authenticator import Authenticator, encoded

SELF = "user:self"


def own(caller):
    return {SELF} if caller else ()


def of_account(db, caller, role):
    """Make an account with a factor."""
    user = caller if role == SELF else make_user(db)
    add_totp(db, user)
    return Place({"user_id": user.id}, {role})


def own_factor(db, caller, role):
    factor, _ = add_totp(db, caller or make_user(db))
    return Place({"factor_id": factor.id}, own(caller))


def unconfirmed(db, caller, role):
    """Make an app that waits for its first code, and give the code."""
    factor, app = add_totp(db, caller or make_user(db), confirmed=False)
    return Place({"factor_id": factor.id}, own(caller), code=code_of(app))


def own_factors(db, caller, role):
    """Make a factor, since recovery codes stand in for one."""
    add_totp(db, caller or make_user(db))
    return Place({}, own(caller))


def asked_for_passkey(db, caller, role):
    """Put a challenge, and answer it."""
    challenge = b"a challenge that is put in a test"
    db.merge(
        FactorChallenge(
            digest=sha256(challenge).digest(),
            user_id=caller.id if caller else None,
            purpose="register",
            expires=now() + CHALLENGE_LIFETIME,
        )
    )
    db.commit()
    options = {"challenge": encoded(challenge), "user": {"id": encoded(b"user")}}
    return Place({}, own(caller), credential=Authenticator().create(options))


PLACES = {
    "/users/{user_id}/factors/": of_account,
    "/users/me/factors/": own_factors,
    "/users/me/factors/{factor_id}": own_factor,
    "/users/me/factors/{factor_id}/confirmation": unconfirmed,
    "/users/me/factors/passkeys": asked_for_passkey,
}
