"""Bad input: the pages for people, their forms and cookies."""

import pytest

from apiserver.core.http import FORM
from tests.cookies import LOGIN, SESSION
from tests.problems import problem

pytestmark = pytest.mark.usefixtures("unchanged")


COOKIES = [
    "x" * 65_536,
    "session=" + "x" * 65_536,
    f'{SESSION}="\\015\\012x"',
    f"{SESSION}=\xff\xfe; {LOGIN}=\xff",
    "=;;=;",
    LOGIN,
]
# Where there is no file.
PATHS = [
    "/swagger-ui/../../etc/passwd",
    "/swagger-ui/%2e%2e/%2e%2e/setup.py",
    "/swagger-ui//etc/passwd",
    "/documentation/..%2f__init__.py",
    "/documentation/..%5c__init__.py",
    "/documentation/" + "x" * 5000,
    "/documentation/%F0%9F%92%A9",
]


@pytest.fixture
def stranger(caller):
    """Somebody who has not signed in."""
    caller.token = None
    return caller


class TestPage:
    @pytest.mark.parametrize(
        ("path", "status"), [("/auth/login", 200), ("/auth/oauth2/authorize", 400)]
    )
    def test_takes_any_cookie_for_none(self, stranger, path, status):
        form = {"csrf": "x", "username": "someone", "password": "secret"}
        for cookie in COOKIES:
            headers = {"Cookie": cookie}
            response = stranger.call("GET", path, headers=headers)
            assert response.status_int == status, cookie[:80]
            response = stranger.call("POST", path, form=form, headers=headers)
            assert response.status_int == 400

    @pytest.mark.parametrize("path", ["login", "logout", "oauth2/authorize"])
    def test_refuses_forms_that_are_none(self, stranger, path):
        path = f"/auth/{path}"
        for body in (b"", b"csrf=%ff", b"\xff", b"csrf=%00", b"username=%00&csrf=x"):
            response = stranger.call("POST", path, body=body, content_type=FORM)
            assert response.status_int == 400
        assert stranger.call("POST", path, json={}).status_int == 415


class TestStaticFile:
    def test_is_found_nowhere_else(self, caller):
        for path in PATHS:
            response = caller.call("GET", path)
            assert response.json == problem(404), path
