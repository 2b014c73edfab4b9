"""A web application at another port of the same host: Flask, with Authlib's client."""

import threading

import flask
import httpx
import pytest
from authlib.integrations.flask_client import OAuth
from werkzeug.serving import make_server

from tests.conformance.browser import form_of

# The demo client's: any port of this machine will do.
CALLBACK = "/api/v1/oauth2-redirect"


def make_application(server):
    """Return an application that signs its users in at the server."""
    app = flask.Flask("application")
    app.secret_key = "for its cookie, which is called session"
    api = OAuth(app).register(
        "api",
        client_id="documentation",
        authorize_url=f"{server}/auth/oauth2/authorize",
        access_token_url=f"{server}/auth/oauth2/token",
        client_kwargs={
            "scope": "users:read",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "none",
        },
    )

    @app.get("/")
    def sign_in():
        return api.authorize_redirect(flask.url_for("signed_in", _external=True))

    @app.get(CALLBACK)
    def signed_in():
        token = api.authorize_access_token()
        return api.get(f"{server}/api/v1/users/me", token=token).json()

    return app


@pytest.fixture
def application(server):
    """The URL of the application."""
    served = make_server("127.0.0.1", 0, make_application(server))
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def browser():
    """A browser: its cookies know hosts, not ports."""
    with httpx.Client(follow_redirects=True, trust_env=False, timeout=60) as http:
        yield http


def submit(browser, page, **fields):
    """Send the form of a page, with these fields filled in."""
    form = form_of(page)
    action = page.url.join(form.action)
    return browser.request(form.method, action, data=form.fields | fields)


class TestFlask:
    def test_keeps_its_session_while_a_user_signs_in(
        self, application, server, browser
    ):
        login = browser.get(application)
        assert str(login.url).startswith(f"{server}/auth/login?")
        consent = submit(browser, login, username="user", password="w")
        answer = submit(browser, consent, decision="allow")
        assert str(answer.url).startswith(f"{application}{CALLBACK}?code=")
        assert answer.json()["username"] == "user"
        # The server's own session goes on, too.
        assert "user" in browser.get(f"{server}/auth/login").text
