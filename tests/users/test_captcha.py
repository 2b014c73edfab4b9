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
KINDS = ["recaptcha", "hcaptcha", "turnstile"]

ANSWERS = {
    "no": provider.says(b'{"success": false}'),
    "text": provider.says(b'{"success": "true"}'),
    "number": provider.says(b'{"success": 1}'),
    "null": provider.says(b'{"success": null}'),
    "other object": provider.says(b"{}"),
    "list": provider.says(b"[true]"),
    "boolean": provider.says(b"true"),
    "empty": provider.says(b""),
    "page": provider.says(b"<html>success</html>"),
    "cut off": provider.says(b'{"success": true'),
    "no UTF-8": provider.says(b"\xff\xfe"),
    "nested": provider.says(b"[" * 60_000),
    "500": provider.says(TRUE, status=500),
    "404": provider.says(TRUE, status=404),
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


def assert_refused(response):
    assert (response.status_int, response.json) == (403, REFUSED)


class TestStatic:
    def test_right_answer(self, api):
        response = api().post("/users/", newcomer(recaptcha_key="secret_key"))
        assert response.status_int == 201

    @pytest.mark.parametrize("answer", ["", "wrong", "SECRET_KEY", "é", "secret_key "])
    def test_wrong_answer(self, api, answer):
        assert_refused(api().post("/users/", newcomer(recaptcha_key=answer)))

    def test_missing_answer(self, api):
        form = newcomer()
        del form["recaptcha_key"]
        assert_refused(api().post("/users/", form))

    def test_needs_a_key(self, make_app, database_url):
        """An empty one would be answered by nothing."""
        with pytest.raises(ConfigurationError, match="captcha_secret is missing"):
            make_app(database_url, captcha="static", captcha_secret="")

    def test_values_are_checked_before_it(self, api):
        response = api().post("/users/", newcomer(username="", recaptcha_key="wrong"))
        assert response.status_int == 422

    def test_taken_names_are_told_only_after_it(self, api, make_user):
        form = newcomer(username=make_user().username, recaptcha_key="wrong")
        assert api().post("/users/", form).status_int == 403


class TestOff:
    @pytest.mark.parametrize("answer", ["", "whatever"])
    def test_none_is_needed(self, api, shared_app, answer):
        app = shared_app(captcha="off")
        response = api(app=app).post("/users/", newcomer(recaptcha_key=answer))
        assert response.status_int == 201


class TestProvider:
    @pytest.mark.parametrize("kind", KINDS)
    def test_is_asked_with_the_secret(self, api, make_provided, server, kind):
        form = newcomer(recaptcha_key="an answer & more")
        response = api(app=make_provided(kind)).post("/users/", form)
        assert response.status_int == 201
        assert server.forms == [
            {"secret": ["its secret"], "response": ["an answer & more"]}
        ]

    @pytest.mark.parametrize("answer", ANSWERS)
    def test_whatever_is_no_yes_is_a_no(self, api, make_provided, server, answer):
        server.answer = ANSWERS[answer]
        assert_refused(api(app=make_provided()).post("/users/", newcomer()))
        assert len(server.forms) == 1

    def test_too_slow_is_a_no(self, api, make_provided, server, monkeypatch):
        monkeypatch.setattr(captcha, "TIMEOUT", 0.1)
        answered = threading.Event()
        server.answer = provider.waits_for(answered)
        response = api(app=make_provided()).post("/users/", newcomer())
        answered.set()
        assert_refused(response)

    @pytest.mark.parametrize("head", [b"", b"HTTP/1.0 200 OK\r\n\r\n"])
    def test_slow_bytes_are_a_no(self, api, make_provided, server, monkeypatch, head):
        """The deadline is for all of it: each byte comes in time."""
        monkeypatch.setattr(captcha, "TIMEOUT", 0.1)
        answered = threading.Event()
        server.answer = provider.drips(answered, head=head)
        response = api(app=make_provided()).post("/users/", newcomer())
        assert not answered.is_set()
        answered.set()
        assert_refused(response)

    def test_is_asked_by_so_many_at_once(self, api, make_provided, server):
        client = api(app=make_provided())
        with ExitStack() as taken:
            # This waits for threads that tests before have left behind.
            for _ in range(captcha.MOST_AT_ONCE):
                taken.enter_context(captcha.ASKING.turns)
            assert client.post("/users/", newcomer()).json == REFUSED
        assert server.forms == []
        assert client.post("/users/", newcomer()).status_int == 201

    @pytest.mark.parametrize("status", [302, 307])
    def test_redirect_is_a_no(self, api, make_provided, server, status):
        server.answer = provider.redirects(status, server.url)
        assert_refused(api(app=make_provided()).post("/users/", newcomer()))
        assert (len(server.forms), server.followed) == (1, [])

    def test_unreachable_is_a_no(self, api, make_provided):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
            assert_refused(api(app=make_provided(url=url)).post("/users/", newcomer()))

    def test_failure_is_logged_without_secrets(
        self, api, make_provided, server, caplog
    ):
        server.answer = provider.says(b"its secret, an answer", status=500)
        with caplog.at_level(logging.WARNING, logger="apiserver.users.captcha"):
            form = newcomer(recaptcha_key="an answer")
            api(app=make_provided()).post("/users/", form)
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "secret" not in caplog.text
        assert "an answer" not in caplog.text

    def test_nothing_is_asked_without_an_answer(self, api, make_provided, server):
        form = newcomer(recaptcha_key="")
        assert api(app=make_provided()).post("/users/", form).status_int == 403
        assert server.forms == []

    def test_nothing_is_asked_for_administrators(
        self, api, make_provided, server, make_user
    ):
        client = api(make_user("admin"), app=make_provided())
        assert client.post("/users/", newcomer()).status_int == 201
        assert server.forms == []

    def test_administrators_need_the_scope(self, api, make_provided, server, make_user):
        server.answer = provider.says(b'{"success": false}')
        admin = make_user("admin")
        client = api(admin, app=make_provided(), scopes=["users:read"])
        assert client.post("/users/", newcomer()).status_int == 403
        assert len(server.forms) == 1


class TestSignupForm:
    def test_says_which_captcha(self, api):
        response = api().get("/users/signup-form")
        assert response.status_int == 200
        assert response.json == {"captcha": "static", "recaptcha_server_key": None}

    @pytest.mark.parametrize("kind", KINDS)
    def test_says_the_key_of_the_widget(self, api, make_provided, kind):
        response = api(app=make_provided(kind)).get("/users/signup-form")
        assert response.json == {
            "captcha": kind,
            "recaptcha_server_key": "its-site-key",
        }
