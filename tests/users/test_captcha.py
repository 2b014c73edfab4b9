"""Sign-up needs a solved captcha: which, who verifies it, what if nobody answers."""

import logging
import socket
import threading
from contextlib import ExitStack

import pytest
from pyramid.exceptions import ConfigurationError

from apiserver.users import captcha
from tests.problems import problem
from tests.users import provider
from tests.users.accounts import newcomer

REFUSED = problem(403, "The captcha was not solved.")
TRUE = b'{"success": true}'

# What is no yes, each in its own way.
ANSWERS = {
    "no": provider.says(b'{"success": false}'),
    "text": provider.says(b'{"success": "true"}'),
    "list": provider.says(b"[true]"),
    "empty": provider.says(b""),
    "nested": provider.says(b"[" * 60_000),
    "500": provider.says(TRUE, status=500),
    "redirect to nowhere": provider.says(TRUE, status=302),
    "too short": provider.says(b"", length=1000),
    "too long": provider.says(TRUE + b" " * 64 * 1024),
    "no HTTP": provider.writes(b"garbage\r\n\r\n"),
    "wrong HTTP": provider.writes(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
    "hangs up": provider.writes(b""),
}


@pytest.fixture(scope="module")
def shared_server():
    with provider.serve() as server:
        yield server


@pytest.fixture
def server(shared_server):
    """A captcha provider that says yes, until a test gives it another answer."""
    shared_server.answer = provider.says(TRUE)
    shared_server.forms, shared_server.followed = [], []
    return shared_server


@pytest.fixture
def make_provided(shared_app, server):
    """A function that returns the application, verifying captchas at the server."""
    return lambda kind="hcaptcha", url=None: shared_app(
        captcha=kind,
        captcha_secret="its secret",
        captcha_site_key="its-site-key",
        captcha_url=url or server.url,
    )


@pytest.fixture
def sign_up(api, make_provided):
    """A function that signs up where the provider verifies captchas."""

    def call(user=None, url=None, scopes=None, **fields):
        client = api(user, app=make_provided(url=url), scopes=scopes)
        return client.post("/users/", newcomer(**fields))

    return call


class TestStatic:
    def test_right_answer(self, api):
        response = api().post("/users/", newcomer(recaptcha_key="secret_key"))
        assert response.status_int == 201

    @pytest.mark.parametrize("answer", [None, "", "wrong", "é", "secret_key "])
    def test_wrong_answer(self, api, answer):
        form = newcomer(recaptcha_key=answer)
        if answer is None:
            del form["recaptcha_key"]
        assert api().post("/users/", form).json == REFUSED

    def test_needs_a_key(self, make_app, database_url):
        """An empty one would be answered by nothing."""
        with pytest.raises(ConfigurationError, match="captcha_secret is missing"):
            make_app(database_url, captcha="static", captcha_secret="")

    def test_comes_after_the_values_and_before_taken_names(self, api, make_user):
        taken = make_user().username
        for username, status in (("", 422), (taken, 403)):
            form = newcomer(username=username, recaptcha_key="wrong")
            assert api().post("/users/", form).status_int == status


def test_none_is_needed_where_it_is_off(api, shared_app):
    client = api(app=shared_app(captcha="off"))
    for answer in ("", "whatever"):
        form = newcomer(recaptcha_key=answer)
        assert client.post("/users/", form).status_int == 201


class TestProvider:
    def test_is_asked_with_the_secret(self, sign_up, server):
        assert sign_up(recaptcha_key="an answer & more").status_int == 201
        asked = {"secret": ["its secret"], "response": ["an answer & more"]}
        assert server.forms == [asked]

    @pytest.mark.parametrize("answer", ANSWERS)
    def test_whatever_is_no_yes_is_a_no(self, sign_up, server, answer):
        server.answer = ANSWERS[answer]
        assert sign_up().json == REFUSED
        assert len(server.forms) == 1

    @pytest.mark.parametrize(
        "slowly",
        [
            provider.waits_for,
            provider.drips,
            lambda event: provider.drips(event, head=b"HTTP/1.0 200 OK\r\n\r\n"),
        ],
        ids=["silence", "bytes", "bytes of the body"],
    )
    def test_too_slow_is_a_no(self, sign_up, server, monkeypatch, slowly):
        """The deadline is for all of it: each byte comes in time."""
        monkeypatch.setattr(captcha, "TIMEOUT", 0.1)
        answered = threading.Event()
        server.answer = slowly(answered)
        response = sign_up()
        assert not answered.is_set()
        answered.set()
        assert response.json == REFUSED

    def test_is_asked_by_so_many_at_once(self, sign_up, server):
        with ExitStack() as taken:
            # This waits for threads that tests before have left behind.
            for _ in range(captcha.MOST_AT_ONCE):
                taken.enter_context(captcha.ASKING.turns)
            assert sign_up().json == REFUSED
        assert server.forms == []
        assert sign_up().status_int == 201

    @pytest.mark.parametrize("status", [302, 307])
    def test_redirect_is_a_no(self, sign_up, server, status):
        server.answer = provider.redirects(status, server.url)
        assert sign_up().json == REFUSED
        assert (len(server.forms), server.followed) == (1, [])

    def test_unreachable_is_a_no(self, sign_up):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
            assert sign_up(url=url).json == REFUSED

    def test_failure_is_logged_without_secrets(self, sign_up, server, caplog):
        server.answer = provider.says(b"its secret, an answer", status=500)
        with caplog.at_level(logging.WARNING, logger="apiserver.users.captcha"):
            sign_up(recaptcha_key="an answer")
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert [s for s in ("secret", "an answer") if s in caplog.text] == []

    def test_is_not_asked_without_need(self, sign_up, server, make_user):
        """Neither without an answer, nor for administrators, if they have the scope."""
        admin = make_user("admin")
        server.answer = provider.says(b'{"success": false}')
        assert sign_up(recaptcha_key="").json == REFUSED
        assert sign_up(admin).status_int == 201
        assert server.forms == []
        assert sign_up(admin, scopes=["users:read"]).json == REFUSED
        assert len(server.forms) == 1


class TestSignupForm:
    def test_says_which_captcha(self, api):
        shown = api().get("/users/signup-form").json
        assert shown == {"captcha": "static", "recaptcha_server_key": None}

    @pytest.mark.parametrize("kind", ["recaptcha", "hcaptcha", "turnstile"])
    def test_says_the_key_of_the_widget(self, api, make_provided, kind):
        shown = api(app=make_provided(kind)).get("/users/signup-form").json
        assert shown == {"captcha": kind, "recaptcha_server_key": "its-site-key"}
