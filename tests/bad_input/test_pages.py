"""Bad input: the pages for people, their forms and cookies."""

import pytest

from apiserver.core.http import FORM, JSON
from tests.cookies import LOGIN, SESSION
from tests.problems import problem

pytestmark = pytest.mark.usefixtures("unchanged")


class TestPage:
    @pytest.mark.parametrize(
        "path",
        [
            "/auth/login?next=%0d%0aSet-Cookie:x",
            "/auth/login?next=" + "x" * 5000,
            "/auth/login?next=//evil.example.com",
            "/auth/login?x=%F0%9F%92%A9",
        ],
    )
    def test_ignores_what_it_does_not_know(self, caller, path):
        caller.token = None
        response = caller.call("GET", path)
        assert response.status_int == 200
        assert "evil" not in response.text

    @pytest.mark.parametrize(
        "cookie",
        [
            "x" * 65_536,
            "session=" + "x" * 65_536,
            f'{SESSION}="\\015\\012x"',
            f"{SESSION}=\xff\xfe; {LOGIN}=\xff",
            "=;;=;",
            LOGIN,
        ],
        ids=lambda text: ascii(text[:25]),
    )
    @pytest.mark.parametrize("path", ["/auth/login", "/auth/oauth2/authorize"])
    def test_takes_any_cookie_for_none(self, caller, path, cookie):
        caller.token = None
        response = caller.call("GET", path, headers={"Cookie": cookie})
        assert response.status_int == (200 if path == "/auth/login" else 400)
        form = {"csrf": "x", "username": "someone", "password": "secret"}
        response = caller.call("POST", path, form=form, headers={"Cookie": cookie})
        assert response.status_int == 400

    @pytest.mark.parametrize("path", ["login", "logout", "oauth2/authorize"])
    def test_refuses_forms_that_are_none(self, caller, path):
        caller.token = None
        for body in (b"", b"csrf=%ff", b"\xff", b"csrf=%00", b"username=%00&csrf=x"):
            response = caller.call(
                "POST", f"/auth/{path}", body=body, content_type=FORM
            )
            assert response.status_int == 400
        response = caller.call("POST", f"/auth/{path}", body=b"{}", content_type=JSON)
        assert response.status_int == 415

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "?client_id=%00",
            "?client_id=x&client_id=x",
            "?response_type=code&client_id=" + "x" * 5000,
            "?response_type=code&client_id=x&redirect_uri=javascript:alert(1)",
            "?request=%F0%9F%92%A9",
            "?response_type=token&client_id=x&state=%0d%0a",
        ],
        ids=lambda text: text[:30],
    )
    def test_of_an_authorization_that_is_junk_leads_nowhere(self, caller, query):
        caller.token = None
        response = caller.call("GET", f"/auth/oauth2/authorize{query}")
        assert response.status_int == 400
        assert "Location" not in response.headers


class TestStaticFile:
    @pytest.mark.parametrize(
        "path",
        [
            "/swagger-ui/../../etc/passwd",
            "/swagger-ui/%2e%2e/%2e%2e/setup.py",
            "/swagger-ui//etc/passwd",
            "/documentation/..%2f__init__.py",
            "/documentation/..%5c__init__.py",
            "/documentation/" + "x" * 5000,
            "/documentation/%F0%9F%92%A9",
        ],
        ids=lambda text: text[:40],
    )
    def test_is_found_nowhere_else(self, caller, path):
        response = caller.call("GET", path)
        assert response.status_int == 404
        assert response.json == problem(404)
