"""What the tests of OAuth2 share: the endpoints as clients call them."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from tests.client import Client
from tests.conformance.flow import REDIRECT_URI, assert_uncached
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.project import browser, user

__all__ = ["assert_uncached", "browser", "user"]

SCOPES = ("teams:read", "users:read")
WAIT = "Too many attempts. Try again in 15 min."


@pytest.fixture
def post(api, app):
    """A function that posts a form to an endpoint, by default the token endpoint.

    ``post(client, grant_type=…)`` authenticates as the client; without one the form or
    the ``headers`` have to.
    """

    def call(client=None, /, *, to="token", app=app, headers=None, **form):
        if client is not None:
            headers = basic(client.client_id, CLIENT_SECRET)
        path = f"/auth/oauth2/{to}"
        return api(app=app).call("POST", path, form=form, headers=headers)

    return call


@pytest.fixture
def client(make_client):
    """A confidential client that may use every grant."""
    return make_client(first_party=True, default_scopes=SCOPES)


@pytest.fixture
def public_client(make_client):
    """A client that can't keep a secret, and has none."""
    return make_client(
        first_party=True,
        client_type="public",
        secret_digest=None,
        grant_types=("password", "refresh_token"),
        default_scopes=SCOPES,
    )


@pytest.fixture
def web_client(make_client):
    """A client to which browsers are led back, and which asks for consent."""
    return make_client(
        redirect_uris=(REDIRECT_URI,),
        grant_types=("authorization_code", "refresh_token", "client_credentials"),
        default_scopes=SCOPES,
    )


@pytest.fixture
def sign_in(post, client, user):
    """A function that gets tokens by the user's password, and returns the answer."""

    def call(client=client, user=user, **form):
        form = {"username": user.username, "password": PASSWORD, **form}
        return post(client, grant_type="password", **form).json

    return call


@pytest.fixture
def refresh(post, client):
    """A function that uses a refresh token, and returns the response."""

    def call(token, client=client, **form):
        return post(client, grant_type="refresh_token", refresh_token=token, **form)

    return call


@pytest.fixture
def me(app, api):
    """A function that calls the API with an access token, and returns the response."""

    def call(token, path="/users/me"):
        api()
        return Client(app, token).get(path)

    return call


@pytest.fixture
def live(me, refresh):
    """A function that says of an access and a refresh token whether they work."""
    return lambda tokens: [
        me(tokens["access_token"]).status_int == 200,
        refresh(tokens["refresh_token"]).status_int == 200,
    ]


@pytest.fixture
def grant_id(db):
    """A function that returns the id of the only grant."""
    return lambda: db.scalars(select(OAuth2Grant.id)).one()


def assert_locked(response, document):
    assert response.status_int == 429
    assert response.json == document
    assert 840 < int(response.headers["Retry-After"]) <= 900
    assert_uncached(response)


def answer(response):
    """Return all that an answer tells, but for what is new in each one."""
    names = sorted(name for name, _ in response.headerlist)
    return response.status_int, response.json, names
