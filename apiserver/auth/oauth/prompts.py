"""Decides when the user must sign in or consent again."""

from datetime import timedelta
from urllib.parse import urlencode

from oauthlib.oauth2.rfc6749 import errors
from sqlalchemy import bindparam, select

from apiserver.auth.acr import classes_of
from apiserver.auth.models import OAuth2Grant
from apiserver.auth.oauth.authorization import MAX_AGE, parse_query
from apiserver.auth.oauth.statements import NOW
from apiserver.auth.oauth.token_request import TokenRequest
from apiserver.auth.policy import live
from apiserver.core.db import now
from apiserver.core.endpoints import Request
from apiserver.core.typing import Row

JUST_NOW = timedelta(minutes=1)

GRANTED = live(select(OAuth2Grant.granted_scopes)).where(
    OAuth2Grant.client_id == bindparam("client_id"),
    OAuth2Grant.user_id == bindparam("user_id"),
    OAuth2Grant.grant_type == "authorization_code",
    OAuth2Grant.absolute_expires > NOW,
)


class LoginRequired(errors.OAuth2Error):
    error = "login_required"


class UnmetRequirements(errors.OAuth2Error):
    """The user can't sign in as strongly as requested (RFC 9470 section 5)."""

    error = "unmet_authentication_requirements"


class ConsentRequired(errors.OAuth2Error):
    error = "consent_required"


def silent_error(
    request: Request, asked: TokenRequest, session: Row
) -> errors.OAuth2Error | None:
    """Return the error of ``prompt=none``, or None."""
    if session is None or is_too_old(asked, session):
        return LoginRequired()
    if lacks_proof(request, asked, session):
        return UnmetRequirements()
    return None if is_remembered(request, asked, session) else ConsentRequired()


def is_too_old(asked: TokenRequest, session: Row) -> bool:
    """Whether the client requests a more recent sign-in."""
    if asked.max_age is None or not MAX_AGE.fullmatch(asked.max_age):
        return False
    age = now() - session.auth_time
    return bool(age > timedelta(seconds=int(asked.max_age)))


def lacks_proof(request: Request, asked: TokenRequest, session: Row) -> bool:
    """Whether the client requests a stronger sign-in."""
    return classes_of(request.registry).lacks(asked.acr_values, session.amr)


def must_sign_in(request: Request, asked: TokenRequest, session: Row) -> bool:
    """Whether the user must sign in before anything else."""
    return (
        session is None
        or "login" in (asked.prompt or "").split()
        or is_too_old(asked, session)
        or (lacks_proof(request, asked, session) and not is_new(session))
    )


def unmet(
    request: Request, asked: TokenRequest, session: Row
) -> errors.OAuth2Error | None:
    """Return why the sign-in just made isn't enough, or None."""
    return UnmetRequirements() if lacks_proof(request, asked, session) else None


def is_new(session: Row) -> bool:
    """Whether the user comes from the login page, so that another visit is useless."""
    return bool(now() - session.auth_time < JUST_NOW)


def come_back(request: Request) -> str:
    """Return the same request, for after a new sign-in."""
    pairs = [
        (name, without_login(value) if name == "prompt" else value)
        for name, value in parse_query(request.query_string)
        if name != "max_age"
    ]
    return f"{request.path}?{urlencode([p for p in pairs if p[1]])}"


def without_login(prompt: str) -> str:
    return " ".join(word for word in prompt.split() if word != "login")


def is_remembered(request: Request, asked: TokenRequest, session: Row) -> bool:
    """Whether the user has granted all scopes before, in a grant that is valid.

    A public client at a loopback address or a private-use scheme may be any program on
    that machine: then the user is always asked (RFC 8252 section 8.6).
    """
    if asked.client.client_type == "public" and not asked.redirect_uri.startswith(
        "https:"
    ):
        return False
    parameters = {
        "client_id": asked.client.id,
        "user_id": session.user.id,
        "now": now(),
    }
    granted = request.db.execute(GRANTED, parameters).scalars()
    return any(set(asked.scopes) <= set(scopes) for scopes in granted)
