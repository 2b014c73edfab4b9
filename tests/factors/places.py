"""Second factors, one's own and those of others."""

from hashlib import sha256

from apiserver.core.db import now
from apiserver.factors.actions import CHALLENGE_LIFETIME
from apiserver.factors.models import FactorChallenge
from tests.contract.places import Place, of_account
from tests.factories import make_user
from tests.factors.accounts import add_totp, code_of
from tests.factors.authenticator import Authenticator, encoded


def factor(db, user):
    return {"factor_id": add_totp(db, user)[0].id}


def unconfirmed(db, caller, role):
    """Make an app that waits for its first code, and give the code."""
    factor, app = add_totp(db, caller or make_user(db), confirmed=False)
    own = {"user:self"} if caller else ()
    return Place({"factor_id": factor.id}, own, code=code_of(app))


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
    credential = Authenticator().create(options)
    return Place({}, {"user:self"} if caller else (), credential=credential)


PLACES = {
    # Recovery codes need a factor.
    **of_account("/factors/", factor),
    **of_account("/factors/{factor_id}", factor),
    "/users/me/factors/{factor_id}/confirmation": unconfirmed,
    "/users/me/factors/passkeys": asked_for_passkey,
}
