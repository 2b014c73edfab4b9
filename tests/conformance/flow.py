"""The authorization code flow, step by step (RFC 6749 section 4.1, RFC 7636)."""

import base64
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tests.conformance.browser import Browser
from tests.conformance.server import Server

AUTHORIZE = "/auth/oauth2/authorize"
REDIRECT_URI = "https://client.example.org/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-0123456789._~"


def challenge(verifier: str = VERIFIER) -> str:
    """Return the challenge of a verifier by S256 (RFC 7636 section 4.2)."""
    hashed = sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


def parameters(client: Any, **changes: str | None) -> dict[str, str]:
    """Return an authorization request; None takes a parameter away."""
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": "teams:read",
        "state": "xyz",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
        **changes,
    }
    return {name: value for name, value in asked.items() if value is not None}


def target(client: Any, **changes: str | None) -> str:
    """Return the URL of an authorization request."""
    return f"{AUTHORIZE}?{urlencode(parameters(client, **changes))}"


def authorize(browser: Browser, client: Any, **changes: str | None) -> httpx.Response:
    """Send an authorization request."""
    return browser.get(target(client, **changes))


def redirected(response: httpx.Response) -> dict[str, str]:
    """Return the parameters with which the browser is sent back to the client."""
    assert response.status_code == 303, response.text
    uri = urlsplit(response.headers["location"])
    pairs = parse_qsl(uri.query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def allow(browser: Browser, client: Any, **changes: str | None) -> httpx.Response:
    """Ask for a code, and let the user consent if he is asked."""
    response = authorize(browser, client, **changes)
    return browser.consent(response) if response.status_code == 200 else response


def get_code(browser: Browser, client: Any, **changes: str | None) -> str:
    """Return a fresh authorization code."""
    return redirected(allow(browser, client, **changes))["code"]


def redemption(code: str) -> dict[str, str]:
    """Return the form that exchanges a code for tokens."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    }


def exchange(
    server: Server, client: Any, code: str, /, **changes: str | None
) -> httpx.Response:
    """Exchange a code for tokens; None takes a parameter away."""
    form = {**redemption(code), **changes}
    present = {name: value for name, value in form.items() if value is not None}
    return server.post("token", client, **present)


def get_tokens(browser: Browser, client: Any, **changes: str | None) -> dict[str, Any]:
    """Return the token answer for a code that the user has just allowed."""
    code = get_code(browser, client, **changes)
    sent = {"redirect_uri": changes.get("redirect_uri", REDIRECT_URI)}
    response = exchange(browser.server, client, code, **sent)
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens


def refresh(server: Server, client: Any, token: str, /, **form: str) -> httpx.Response:
    """Use a refresh token."""
    return server.post(
        "token", client, grant_type="refresh_token", refresh_token=token, **form
    )


def assert_uncached(response: Any) -> None:
    """RFC 6749 section 5.1 asks for both headers."""
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"


def assert_error_page(response: httpx.Response, about: object = None) -> None:
    """The person is told, and nobody is redirected to; ``about`` says what was sent."""
    assert response.status_code == 400, about
    assert response.headers["content-type"] == "text/html; charset=UTF-8"
    assert "location" not in response.headers


def assert_refused(response: httpx.Response, document: Any, status: int = 400) -> None:
    """See that the token endpoint refuses, by a document that no cache keeps."""
    assert (response.status_code, response.json()) == (status, document)
    assert_uncached(response)
