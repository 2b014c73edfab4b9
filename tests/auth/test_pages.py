"""Pages of features: navigation, the way over the login page, steps of a sign-in."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import BrowserSession, OAuth2Grant
from apiserver.core.db import now
from apiserver.users.models import User
from tests.auth.browser import Browser, redemption, told
from tests.factories import PASSWORD
from tests.networks import from_address

SHELF = "/account/shelf"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


@pytest.fixture(scope="module")
def paged_app(make_app, database_url):
    features = "users teams auth tests.auth.pages"
    return make_app(database_url, features=features, title="Books & Co")


@pytest.fixture
def caller(api, paged_app):
    client = api(app=paged_app)
    # The pages of this feature are on no list of what is outside of the document.
    client.compare = lambda request, response: None
    return client


@pytest.fixture
def browser(caller):
    return Browser(lambda: caller)


@pytest.fixture
def session(db):
    """A function that returns the only session."""
    return lambda: db.scalars(
        select(BrowserSession).execution_options(populate_existing=True)
    ).one()


def age(db, **ago):
    """Let the sessions have signed in so long ago."""
    db.execute(update(BrowserSession).values(auth_time=now() - timedelta(**ago)))


def next_of(response):
    """Return where the login page is to lead, on the way to which this is."""
    assert response.status_int == 303
    parts = urlsplit(response.headers["Location"])
    assert parts.path == "/auth/login"
    return parse_qs(parts.query)["next"]


@pytest.fixture
def careful(make_user):
    """Somebody who has to answer a riddle."""
    return make_user(username="careful")


@pytest.fixture
def solve(browser):
    """A function that answers the riddle."""

    def call():
        asked = re.findall(r"data-user='(.*?)'", browser.page.text)[0]
        return browser.submit("/auth/riddle", user=unescape(asked), answer="42")

    return call


class TestAccount:
    def test_shows_the_pages_of_features(self, browser, user):
        answer = browser.sign_in(user.username, PASSWORD)
        assert answer.headers["Location"] == "/account/"
        text = unescape(browser.call("GET", "/account/").text)
        assert "<title>Your account · Books & Co</title>" in text
        assert '<p class="product">Books & Co</p>' in text
        assert f"You are signed in as <strong>{user.username}</strong>" in text
        links = re.findall(r'<a href="([^"]*)"( aria-current="page")?>(.*?)</a>', text)
        assert links == [
            ("/account/", ' aria-current="page"', "Overview"),
            (SHELF, "", "Shelf"),
            (SHELF, "", "Shelf"),
        ]
        assert "What you read." in text
        text = browser.call("GET", SHELF).text
        assert f'<a href="{SHELF}" aria-current="page">Shelf</a>' in text
        assert "<p>Emma</p>" in text

    def test_is_not_there_without_one(self, api, shared_app):
        app = shared_app(features="users teams auth")
        assert api(app=app).call("GET", "/account/").status_int == 404

    def test_has_the_headers_of_pages(self, browser, user):
        browser.sign_in(user.username, PASSWORD)
        headers = browser.call("GET", SHELF).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
            "frame-ancestors 'none'; form-action 'self'"
        )
        assert headers["Cache-Control"] == "no-store"

    def test_leads_over_the_login_page_and_back(self, browser, user):
        assert next_of(browser.call("GET", "/account/")) == ["/account/"]
        target = f"{SHELF}?by=title&x=%26"
        assert next_of(browser.call("GET", target)) == [target]
        page = browser.call("GET", browser.page.headers["Location"])
        assert '<a href="/library">Lost in the library?</a>' in page.text
        answer = browser.submit(
            "/auth/login", username=user.username, password=PASSWORD
        )
        assert answer.headers["Location"] == target

    @pytest.mark.parametrize(
        "target",
        [f"//evil.example.com{SHELF}", f"{SHELF}/", f"{SHELF}#x", "/auth/riddle"],
    )
    def test_leads_nowhere_else(self, browser, user, target):
        browser.call("GET", "/auth/login")
        answer = browser.submit(
            "/auth/login", username=user.username, password=PASSWORD, next=target
        )
        assert answer.headers["Location"] == "/account/"

    def test_takes_forms_of_its_own_pages_alone(self, browser, user):
        browser.sign_in(user.username, PASSWORD)
        assert browser.call("POST", SHELF, {"csrf": "0" * 64}).status_int == 400
        browser.call("GET", SHELF)
        assert browser.submit(SHELF).headers["Location"] == SHELF

    def test_asks_again_for_what_needs_a_fresh_sign_in(self, browser, user, db):
        browser.sign_in(user.username, PASSWORD)
        page = browser.call("GET", SHELF)
        age(db, seconds=800)
        assert browser.submit(SHELF).headers["Location"] == SHELF
        age(db, seconds=1000)
        browser.page = page
        assert next_of(browser.submit(SHELF)) == [SHELF]
        assert browser.call("GET", SHELF).status_int == 200


class TestSession:
    def test_knows_how_and_where_it_began(self, browser, user, session, caller):
        caller.app = from_address(caller.app, "192.0.2.7")
        browser.headers["User-Agent"] = f"{AGENT} \x7f{'x' * 400}"
        browser.sign_in(user.username, PASSWORD)
        row = session()
        # Two hundred characters, less the one that nobody could see.
        assert row.user_agent == f"{AGENT} {'x' * 400}"[:199]
        assert (row.amr, row.address) == (("pwd",), "192.0.2.7")
        assert row.auth_time == row.last_seen
        browser.call("GET", SHELF)
        assert session().last_seen > row.auth_time


class TestStep:
    def test_comes_before_the_session(
        self, browser, careful, db, solve, session, events
    ):
        page = browser.sign_in("careful", PASSWORD)
        assert "<h1>A riddle</h1>" in page.text
        assert db.scalars(select(BrowserSession)).all() == []
        assert [e for e in events() if e["action"] == "sign_in"] == []
        assert solve().headers["Location"] == "/account/"
        assert session().amr == ("pwd", "kba")
        assert [e["actor_id"] for e in events() if e["action"] == "sign_in"] == [
            careful.id
        ]

    @pytest.mark.parametrize("column", ["epoch", "is_active"])
    def test_is_too_late_for_an_account_that_has_changed(
        self, browser, careful, db, solve, column
    ):
        browser.sign_in("careful", PASSWORD)
        values = {"epoch": careful.epoch + 1} if column == "epoch" else {column: False}
        db.execute(update(User).where(User.id == careful.id).values(values))
        assert solve().status_int == 403
        assert db.scalars(select(BrowserSession)).all() == []


class TestGrant:
    @pytest.fixture
    def send(self, post, paged_app):
        """A function that posts a form as a client, and returns the document."""
        return lambda *args, **form: post(*args, app=paged_app, **form).json

    def test_keeps_how_its_user_has_signed_in(
        self, browser, user, db, send, session, web_client, client
    ):
        browser.sign_in(user.username, PASSWORD)
        age(db, hours=1)
        browser.ask(web_client)
        issued = send(web_client, **redemption(browser.decide()["code"]))
        grant = db.scalars(select(OAuth2Grant)).one()
        assert (grant.auth_time, grant.amr) == (session().auth_time, ("pwd",))
        form = {"grant_type": "refresh_token"}
        form["refresh_token"] = issued["refresh_token"]
        token = send(web_client, **form)["access_token"]
        said = send(client, to="introspect", token=token)
        auth_time = int(grant.auth_time.timestamp())
        assert (said["auth_time"], said["amr"]) == (auth_time, ["pwd"])
        assert "acr" not in said

    def test_says_which_class_was_met(
        self, browser, careful, solve, send, web_client, client
    ):
        browser.sign_in("careful", PASSWORD)
        solve()
        browser.ask(web_client, acr_values="unheard sworn")
        token = send(web_client, **redemption(browser.decide()["code"]))["access_token"]
        said = send(client, to="introspect", token=token)
        assert (said["acr"], said["amr"]) == ("sworn", ["pwd", "kba"])

    def test_of_a_client_knows_nothing_of_it(self, db, post, client):
        token = post(client, grant_type="client_credentials").json["access_token"]
        grant = db.scalars(select(OAuth2Grant)).one()
        assert (grant.auth_time, grant.amr) == (None, None)
        said = post(client, to="introspect", token=token).json
        assert said.keys().isdisjoint({"auth_time", "amr", "acr"})


class TestAcr:
    UNMET = "unmet_authentication_requirements"

    def test_asks_whoever_may_prove_more_to_sign_in(
        self, browser, user, db, web_client
    ):
        """Unless he has just done so: he would be led to the login page for ever."""
        browser.sign_in(user.username, PASSWORD)
        answer = browser.ask(web_client, acr_values="sworn")
        assert told(answer)["error"] == self.UNMET
        age(db, minutes=2)
        answer = browser.ask(web_client, acr_values="sworn")
        assert "acr_values=sworn" in next_of(answer)[0]
        answer = browser.ask(web_client, acr_values="sworn", prompt="none")
        assert told(answer)["error"] == self.UNMET
        # Nobody knows that one.
        assert browser.ask(web_client, acr_values="unheard").status_int == 200

    def test_is_in_the_metadata(self, caller):
        path = "/.well-known/oauth-authorization-server"
        metadata = caller.call("GET", path).json
        assert metadata["acr_values_supported"] == ["sworn"]
