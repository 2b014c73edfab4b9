"""How many SQL statements an endpoint takes, however many rows there are."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from apiserver.auth.tokens import ACCESS, REFRESH, make_token
from tests.auth.browser import redemption
from tests.client import Client
from tests.conformance.server import basic
from tests.factories import PASSWORD
from tests.oauth_errors import UNAUTHORIZED_CLIENT
from tests.patches import op, replace
from tests.settings import SHIPPED
from tests.statements import MANY, StatementCounts

GARBAGE = ACCESS + "a" * 51
NOTHING = [op("test", "/enabled", value=True)]
DISABLE = [replace("enabled", False)]
NEW = {
    "client_type": "confidential",
    "grant_types": ["client_credentials"],
    "default_scopes": ["teams:read"],
}

# The last column; the bearer check is one of them, and so is an event of the audit log.
STATEMENTS = [
    ("anonymous", "GET", "/auth/oauth2_clients/", None, 401, 0),
    ("anonymous", "GET", "/auth/oauth2_clients/{client}", None, 401, 1),
    ("owner", "GET", "/auth/oauth2_clients/", None, 200, 2),
    ("owner", "GET", "/auth/oauth2_clients/?limit=100", None, 200, 2),
    ("owner", "OPTIONS", "/auth/oauth2_clients/", None, 204, 1),
    ("owner", "POST", "/auth/oauth2_clients/", NEW, 201, 4),
    ("owner", "GET", "/auth/oauth2_clients/{client}", None, 200, 2),
    ("owner", "HEAD", "/auth/oauth2_clients/{client}", None, 200, 2),
    ("owner", "OPTIONS", "/auth/oauth2_clients/{client}", None, 204, 2),
    ("owner", "PATCH", "/auth/oauth2_clients/{client}", NOTHING, 200, 6),
    ("owner", "PATCH", "/auth/oauth2_clients/{client}", DISABLE, 200, 8),
    ("owner", "DELETE", "/auth/oauth2_clients/{client}", None, 204, 8),
    ("owner", "OPTIONS", "/auth/oauth2_clients/{client}/secret", None, 204, 2),
    ("owner", "POST", "/auth/oauth2_clients/{client}/secret", None, 201, 8),
    ("anonymous", "GET", "/auth/grants/", None, 401, 0),
    ("owner", "GET", "/auth/grants/", None, 200, 2),
    ("owner", "GET", "/auth/grants/?limit=100", None, 200, 2),
    ("owner", "OPTIONS", "/auth/grants/", None, 204, 1),
    ("owner", "DELETE", "/auth/grants/", None, 204, 6),
    ("owner", "OPTIONS", "/auth/grants/{grant}", None, 204, 2),
    ("owner", "DELETE", "/auth/grants/{grant}", None, 204, 10),
]


@pytest.fixture
def scene(db, make_user, make_client, make_token):
    """Somebody with many clients, and a grant to each."""
    owner = make_user()
    # Its id comes before that of the caller's, which therefore isn't locked first.
    first = make_client(owner, client_id="a")
    for client in (first, *(make_client(owner) for _ in range(MANY))):
        make_token(owner, client=client, scopes=["teams:read"])
    grant = select(OAuth2Grant.id).where(OAuth2Grant.client_id == first.id)
    values = {"client": first.client_id, "grant": db.scalar(grant)}
    return {"owner": owner, "anonymous": None}, values


class TestStatements(StatementCounts):
    table = STATEMENTS


@pytest.mark.parametrize(
    ("token", "number"),
    [(GARBAGE, 0), ("x", 0), (make_token(REFRESH), 0), (make_token(ACCESS), 1)],
    ids=["unsigned", "short", "refresh token", "unknown"],
)
def test_number_for_what_is_no_token(app, api, statements, token, number):
    """What can be none is refused before the database is asked."""
    api()
    with statements() as executed:
        assert Client(app, token).get("/users/me").status_int == 401
    assert len(executed) == number, executed


CREDENTIALS = {"grant_type": "client_credentials"}
BY_PASSWORD = {"grant_type": "password", "username": "{username}"}
BY_REFRESH = {"grant_type": "refresh_token"}

# Of the authorization server: what the client posts, with tokens of its own among it.
SERVER = [
    ("token", CREDENTIALS, 200, 4),
    # Whether the account has a second factor is looked up, where there are such.
    (
        "token",
        {**BY_PASSWORD, "password": PASSWORD},
        200,
        10 + ("factors" in SHIPPED.split()),
    ),
    ("token", {**BY_PASSWORD, "password": "guess"}, 400, 5),
    ("token", {**BY_REFRESH, "refresh_token": "{refresh_token}"}, 200, 5),
    ("token", {**BY_REFRESH, "refresh_token": "{used}"}, 400, 6),
    ("introspect", {"token": "{access_token}"}, 200, 2),
    ("revoke", {"token": "{access_token}"}, 200, 4),
    ("revoke", {"token": "{refresh_token}"}, 200, 4),
]


@pytest.mark.parametrize(("endpoint", "form", "status", "number"), SERVER)
def test_number_of_statements_of_the_server(
    post, client, user, sign_in, refresh, statements, endpoint, form, status, number
):
    used, *_, tokens = [sign_in() for _ in range(MANY)]
    refresh(used["refresh_token"])
    ids = {**tokens, "username": user.username, "used": used["refresh_token"]}
    form = {name: text.format(**ids) for name, text in form.items()}
    with statements() as executed:
        response = post(client, to=endpoint, **form)
    assert response.status_int == status
    assert len(executed) == number, executed


def test_pages_lock_in_order(browser, web_client, post, user, statements):
    """``statements`` compares the order with that of all requests."""

    def look(function, *args, **kw):
        with statements():
            return function(*args, **kw)

    assert look(browser.sign_in, user.username, "guess").status_int == 403
    assert look(browser.sign_in, user.username, PASSWORD).status_int == 303
    for decision in ("deny", "allow"):
        look(browser.ask, web_client)
        answer = look(browser.decide, decision)
    for status in (200, 400):
        response = look(post, web_client, **redemption(answer["code"]))
        assert response.status_int == status
    look(browser.call, "GET", "/auth/login")
    assert look(browser.submit, "/auth/logout").status_int == 303


@pytest.mark.parametrize(("secret", "number"), [("guess", 4), ("", 1)])
@pytest.mark.parametrize("endpoint", ["token", "revoke", "introspect"])
def test_unknown_clients_take_as_many(
    post, client, make_client, statements, endpoint, secret, number
):
    """Nobody finds out by the time that it takes which clients there are."""
    names = [client.client_id, make_client(enabled=False).client_id, "unknown"]
    form = {**CREDENTIALS, "token": "x"}
    for sent in (
        *({"headers": basic(name, secret)} for name in names),
        *({"client_id": name, "client_secret": secret} for name in names),
    ):
        with statements() as executed:
            assert post(to=endpoint, **form, **sent).status_int == 401
        assert len(executed) == number, executed


@pytest.mark.parametrize("password", [PASSWORD, "guess"])
def test_other_clients_let_no_password_be_looked_at(
    post, make_client, user, statements, password
):
    """Or they would tell whether it is right."""
    form = {"username": user.username, "password": password}
    client = make_client()
    with statements() as executed:
        response = post(client, grant_type="password", **form)
    assert (response.status_int, response.json) == (400, UNAUTHORIZED_CLIENT)
    assert len(executed) == 1, executed
