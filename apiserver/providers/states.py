"""Browsers on their way to a provider and back; identities that wait for an account.

``state`` is random; combined with the cookie that binds the login form to its browser,
it makes the key of a way, of which only the digest is stored. PKCE's verifier and the
nonce are derived from the key, too: they can't be read from the database, and no other
browser can use the code.
"""

import hmac
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import bindparam, delete, insert, select

from apiserver.auth.browser import (
    PageError,
    cookie,
    cookie_value,
    is_random,
    login_secret,
    login_secret_cookie,
    random_value,
    tied_form,
)
from apiserver.auth.tokens import digest
from apiserver.core.db import UTCDateTime, now
from apiserver.core.endpoints import Request
from apiserver.core.http import Header
from apiserver.core.typing import Row
from apiserver.providers.clients import Identity, ProviderClient, Way
from apiserver.providers.models import ProviderSignIn, UnlinkedIdentity

KIND = "identity"
LIFETIME = 600
OVER = "This sign-in has expired, or is over. Sign in again."

INSERT = insert(ProviderSignIn)
TAKE = (
    delete(ProviderSignIn)
    .where(
        ProviderSignIn.digest == bindparam("way_digest"),
        ProviderSignIn.provider == bindparam("name"),
        ProviderSignIn.expires > bindparam("now", type_=UTCDateTime),
    )
    .returning(ProviderSignIn.user_id, ProviderSignIn.user_epoch, ProviderSignIn.target)
)
KEEP = insert(UnlinkedIdentity)
FIND = select(
    UnlinkedIdentity.digest,
    UnlinkedIdentity.provider,
    UnlinkedIdentity.issuer,
    UnlinkedIdentity.subject,
    UnlinkedIdentity.name,
    UnlinkedIdentity.email,
    UnlinkedIdentity.username,
    UnlinkedIdentity.target,
).where(
    UnlinkedIdentity.digest == bindparam("identity_digest"),
    UnlinkedIdentity.expires > bindparam("now", type_=UTCDateTime),
)
FORGET = delete(UnlinkedIdentity).where(
    UnlinkedIdentity.digest == bindparam("identity_digest")
)


def key_of(secret: str, state: str) -> str:
    return hmac.new(secret.encode(), state.encode(), sha256).hexdigest()


def way_of(request: Request, client: ProviderClient, state: str, key: str) -> Way:
    """Return the way of a key."""
    return Way(
        redirect_uri=request.setting("issuer") + path_of(client, "/callback"),
        state=state,
        verifier=key_of(key, "verifier"),
        nonce=key_of(key, "nonce"),
    )


def path_of(client: ProviderClient, end: str = "") -> str:
    """Return the path where a sign-in with the provider begins or ends."""
    return f"/account/sign-in/{client.provider.name}{end}"


def begin(
    request: Request, client: ProviderClient, *, target: str, user: Row | None = None
) -> tuple[Way, Header]:
    """Store that the browser is sent to a provider; return its way and cookie."""
    secret, kept = login_secret_cookie(request)
    state = random_value()
    key = key_of(secret, state)
    values = {
        "digest": digest(key),
        "provider": client.provider.name,
        "user_id": user.id if user is not None else None,
        "user_epoch": user.epoch if user is not None else None,
        "target": target,
        "expires": now() + timedelta(seconds=LIFETIME),
    }
    request.db.run(INSERT, values)
    return way_of(request, client, state, key), kept


def take(request: Request, client: ProviderClient) -> tuple[Row, Way]:
    """Return what was stored about the returning browser, once.

    Raises PageError for another browser, an expired way, and a second use.
    """
    secret, state = login_secret(request), request.GET.get("state", "")
    if secret is None or not is_random(state):
        raise PageError(OVER)
    key = key_of(secret, state)
    parameters = {
        "way_digest": digest(key),
        "name": client.provider.name,
        "now": now(),
    }
    row = request.db.execute(TAKE, parameters).one_or_none()
    if row is None:
        raise PageError(OVER)
    return row, way_of(request, client, state, key)


def keep(
    request: Request, client: ProviderClient, identity: Identity, *, target: str
) -> Header:
    """Store an identity that isn't linked yet; return the cookie for the browser."""
    value = random_value()
    values = {
        **identity._asdict(),
        "digest": digest(value),
        "provider": client.provider.name,
        "issuer": client.provider.issuer,
        "target": target,
        "expires": now() + timedelta(seconds=LIFETIME),
    }
    request.db.run(KEEP, values)
    return cookie(request, KIND, value, lifetime=LIFETIME)


def value_of(request: Request) -> str | None:
    """Return the value of the browser's cookie, if it can be one."""
    return cookie_value(request, KIND)


def find(request: Request) -> Row:
    """Return the browser's identity that isn't linked yet, or None."""
    value = value_of(request)
    if value is None:
        return None
    parameters = {"identity_digest": digest(value), "now": now()}
    return request.db.row(FIND, parameters)


def own_form(request: Request) -> tuple[Row, dict[str, str]]:
    """Return the browser's identity and the fields of its form.

    Raises PageError if either is missing.
    """
    form = tied_form(request, value_of(request))
    identity = find(request)
    if identity is None:
        raise PageError(OVER)
    return identity, form


def forget(request: Request, identity: Row) -> Header:
    """Delete an identity; return the header that removes its cookie."""
    request.db.run(FORGET, {"identity_digest": identity.digest})
    return cookie(request, KIND, "", lifetime=0)
