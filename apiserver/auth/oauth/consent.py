"""The authorization endpoint, with the consent page.

::

    GET  ── client or redirect URI invalid ──> error page, no redirect
         ── not signed in ──> /auth/login, and back
         ── invalid request ──> redirect with the error
         ── granted before ──> redirect with a code
         ── else ──> consent page ── POST ──> redirect with a code, or access_denied
"""

from datetime import timedelta
from urllib.parse import urlencode

from oauthlib.oauth2.rfc6749 import errors
from sqlalchemy import bindparam, insert, select, update

from apiserver.auth.browser import (
    LEADING_ON,
    PageError,
    csrf_matches,
    csrf_token,
    find_session,
    form_of,
    lead_to,
    page,
    page_view,
    session_cookie,
)
from apiserver.auth.models import Consent, OAuth2Client
from apiserver.auth.oauth.authorization import parse_query
from apiserver.auth.oauth.prompts import (
    come_back,
    is_remembered,
    must_sign_in,
    silent_error,
    unmet,
)
from apiserver.auth.oauth.statements import NOW
from apiserver.auth.oauth.token_request import TokenRequest
from apiserver.auth.tokens import CONSENT, digest, make_token
from apiserver.core.audit import DENIED, SUCCESS, record
from apiserver.core.db import now
from apiserver.core.endpoints import Request
from apiserver.core.http import Response
from apiserver.core.typing import Row
from apiserver.users.models import User

LIFETIME = timedelta(minutes=5)

INSERT = insert(Consent)
# A consent is answered once, by the session for which it was created.
ANSWER = (
    update(Consent)
    .where(
        Consent.digest == bindparam("consent_digest"),
        Consent.session_digest == bindparam("session"),
        Consent.consumed.is_(None),
        Consent.expires > NOW,
    )
    .values(consumed=NOW)
    .returning(Consent.parameters)
    .execution_options(synchronize_session=False)
)
OWNER = (
    select(User.username)
    .join(OAuth2Client, OAuth2Client.user_id == User.id)
    .where(OAuth2Client.id == bindparam("client_id"))
)


@page_view("oauth2_authorize")
def authorize(request: Request) -> Response:
    """Handle an authorization request (RFC 6749 section 4.1.1)."""
    asked, error = read(request, request.query_string)
    prompts = set((asked.prompt or "").split())
    session = find_session(request)
    if "none" in prompts:
        error = error or silent_error(request, asked, session)
    elif must_sign_in(request, asked, session):
        query = {"next": come_back(request)}
        return lead_to(request.route_path("login", _query=query))
    else:
        error = error or unmet(request, asked, session)
    if error is not None:
        return redirect_error(request, asked, error)
    if "consent" not in prompts and is_remembered(request, asked, session):
        return redirect_code(request, asked, session)
    return consent_page(request, asked, session)


@page_view("oauth2_authorize", "POST")
def answer(request: Request) -> Response:
    """Handle the user's answer on the consent page."""
    form = form_of(request)
    session = find_session(request)
    if session is None or not csrf_matches(session_cookie(request), form.get("csrf")):
        raise PageError("You are no longer signed in. Start again.")
    parameters = {
        "consent_digest": digest(form.get("consent", "")),
        "session": session.digest,
        "now": now(),
    }
    query = request.db.execute(ANSWER, parameters).scalar_one_or_none()
    if query is None:
        raise PageError(
            "This request has expired, or was already answered. Start again."
        )
    asked, error = read(request, query)
    if error is not None:
        return redirect_error(request, asked, error)
    allowed = form.get("decision") == "allow"
    record_answer(request, asked, session, SUCCESS if allowed else DENIED)
    if not allowed:
        denied = errors.AccessDeniedError("The user denied the request.")
        return redirect_error(request, asked, denied)
    return redirect_code(request, asked, session)


def record_answer(
    request: Request, asked: TokenRequest, session: Row, result: str
) -> None:
    record(
        request,
        "consent",
        result,
        actor_id=session.user.id,
        client_id=asked.client.client_id,
        target=",".join(asked.scopes),
    )


def read(
    request: Request, query: str
) -> tuple[TokenRequest, errors.OAuth2Error | None]:
    """Return the validated request, and its error for the client, if any.

    Raises PageError if client or redirect URI is invalid.
    """
    server = request.registry.authorization_server
    try:
        asked = server.authorization_request(request, parse_query(query))
        server.validate_authorization(asked)
    except ValueError:
        raise PageError("The request is malformed.") from None
    except errors.FatalClientError:
        raise PageError(
            "The application is unknown, or this redirect URI is not registered for it."
        ) from None
    except errors.OAuth2Error as error:
        return asked, error
    return asked, None


def consent_page(request: Request, asked: TokenRequest, session: Row) -> Response:
    """Ask the user; the request is stored, and the page has only its id."""
    consent = make_token(CONSENT)
    values = {
        "digest": digest(consent),
        "session_digest": session.digest,
        # Only parameters of the protocol: others may be secrets, like a code_verifier.
        "parameters": urlencode(parse_query(request.query_string)),
        "expires": now() + LIFETIME,
    }
    request.db.execute(INSERT, values)
    sentences = request.registry.scopes
    return page(
        request,
        "apiserver.auth.browser:templates/consent.jinja2",
        policy=LEADING_ON,
        csrf=csrf_token(session_cookie(request) or ""),
        consent=consent,
        client_id=asked.client.client_id,
        owner=request.db.execute(OWNER, {"client_id": asked.client.id}).scalar_one(),
        username=session.user.username,
        redirect_uri=asked.redirect_uri,
        scopes=[sentences.get(scope, scope) for scope in asked.scopes],
        days=request.setting("oauth2_refresh_token_lifetime") // 86400,
    )


def redirect_code(request: Request, asked: TokenRequest, session: Row) -> Response:
    """Redirect to the client with a code (RFC 6749 section 4.1.2, RFC 9207)."""
    code = request.registry.authorization_server.issue_code(asked, session)
    return redirect_to_client(request, asked, [("code", code)])


def redirect_error(
    request: Request, asked: TokenRequest, error: errors.OAuth2Error
) -> Response:
    """Redirect to the client with the error (RFC 6749 section 4.1.2.1)."""
    parameters = [("error", str(error.error))]
    if error.description:
        parameters.append(("error_description", error.description))
    return redirect_to_client(request, asked, parameters)


def redirect_to_client(
    request: Request, asked: TokenRequest, parameters: list[tuple[str, str]]
) -> Response:
    if asked.state is not None:
        parameters.append(("state", asked.state))
    parameters.append(("iss", request.setting("issuer")))
    separator = "&" if "?" in asked.redirect_uri else "?"
    return lead_to(f"{asked.redirect_uri}{separator}{urlencode(parameters)}")
