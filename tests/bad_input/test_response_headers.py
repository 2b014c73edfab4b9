"""Bad input: values that reach a header of the response."""

import re
from urllib.parse import urlencode

import pytest
import webtest

from apiserver.auth.browser import csrf_token
from apiserver.core.endpoints.downloads import attachment
from tests.auth.browser import Browser, home
from tests.cookies import LOGIN, PLAIN_LOGIN
from tests.factories import PASSWORD
from tests.junk import AUTHORIZE, JUNK, assert_clean, requests_with
from tests.networks import from_address

each = pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)

# Where signing in may not lead to.
ELSEWHERE = f"""
    https://evil.example/ //evil.example/ //evil.example{AUTHORIZE}?x=y /\\evil.example
    \\{AUTHORIZE}?x=y /{AUTHORIZE}?x=y {AUTHORIZE}/../login?x=y javascript:alert(1)
    /auth/../auth/oauth2/authorize?x=y /./{AUTHORIZE[1:]}?x=y /%2e%2e{AUTHORIZE}?x=y
    /auth%2foauth2%2fauthorize?x=y /auth/oauth2/%61uthorize?x=y {AUTHORIZE};x?x=y
    {AUTHORIZE} {AUTHORIZE}? {AUTHORIZE}#?x=y {AUTHORIZE}?x=y#z {AUTHORIZE}.evil?
    /api/v1/
"""
WRONG_QUERIES = [
    *(" y", "\\", '"', "%", "%0", "%0d%0aSet-Cookie:%20evil=1", "%00", "%7F"),
    *("y\r\nSet-Cookie: evil=1", "€", "\x85", "\x7f"),
]
NOWHERE = [
    "",
    *ELSEWHERE.split(),
    *(f"{AUTHORIZE}?x={value}" for value in WRONG_QUERIES),
    f" {AUTHORIZE}?x=y",
    AUTHORIZE.upper() + "?x=y",
]


@pytest.fixture(scope="module")
def open_app(make_pure_app, database_url):
    """An application that all origins may call, behind a trusted proxy."""
    return make_pure_app(database_url, cors_origins="*", trusted_proxies="127.0.0.1")


@pytest.fixture
def send(api, open_app):
    """A function that sends a request through no check but ours."""
    api(app=open_app)

    def call(sent):
        path, _, query = sent.target.partition("?")
        request = webtest.TestRequest.blank(path, method=sent.method)
        request.environ["QUERY_STRING"] = query
        request.headers.update(sent.headers)
        return request.get_response(from_address(open_app, "127.0.0.1"))

    return call


class TestRequest:
    @each
    def test_reaches_no_header(self, send, junk):
        for sent in requests_with(junk):
            response = send(sent)
            assert_clean(response.status_int, response.headers.items())


class TestNext:
    @pytest.fixture
    def sign_in(self, api, make_user):
        """A function that signs in with a place to go to; returns the page, the end."""
        user = make_user()

        def call(place):
            browser = Browser(api)
            page = browser.call("GET", f"/auth/login?{urlencode({'next': place})}")
            return page, browser.submit(
                "/auth/login", username=user.username, password=PASSWORD, next=place
            )

        return call

    @pytest.mark.rfc("9700", "4.11.2", "MUST", "the login page leads nowhere else")
    @pytest.mark.rfc("6749", "10.15", "MUST NOT", "the server is no open redirector")
    def test_leads_nowhere_else(self, sign_in):
        for place in NOWHERE:
            page, response = sign_in(place)
            assert re.findall('name="next" value="(.*?)"', page.text) in ([], [""])
            assert response.status_int == 303
            assert response.headers["Location"] == home(), place
            assert_clean(response.status_int, response.headers.items())

    @pytest.mark.parametrize(
        "query",
        [
            "x=y",
            "scope=teams:read%20users:read&state=a.b~c_d-e!$'()*,;:@/?+",
            "redirect_uri=https%3A%2F%2Fclient.example%2F..%2Fcb%3Fa%3D%C3%A9%5C",
        ],
    )
    def test_leads_to_the_authorization_request(self, sign_in, query):
        _, response = sign_in(f"{AUTHORIZE}?{query}")
        assert response.status_int == 303
        assert response.headers["Location"] == f"{AUTHORIZE}?{query}"


class TestCookie:
    SECRET = "a_-9" * 10 + "xyz"

    def cookie(self, api, value):
        """Return the cookie that is set for a browser that has one."""
        (name,) = re.findall("(.+?)=", self.set_by(api, ""))[:1]
        return self.set_by(api, f"{name}={value}").partition(";")[0].partition("=")[2]

    def set_by(self, api, cookie):
        headers = {"Cookie": cookie}
        return api().call("GET", "/auth/login", headers=headers).headers["Set-Cookie"]

    def test_is_kept_if_it_may_be_ours(self, api):
        assert self.cookie(api, self.SECRET) == self.SECRET

    @pytest.mark.parametrize(
        "value", ["", "x", SECRET[1:], SECRET + "x", "€" * 43, SECRET[1:] + "\x85"]
    )
    def test_is_new_otherwise(self, api, value):
        sent = value.encode().decode("latin-1")
        assert re.fullmatch("[A-Za-z0-9_-]{43}", new := self.cookie(api, sent))
        assert new != value

    def test_of_another_grammar_is_no_secret_of_a_form(self, api):
        form = {"csrf": csrf_token("x"), "username": "a", "password": "b"}
        for name in (PLAIN_LOGIN, LOGIN):
            headers = {"Cookie": f"{name}=x"}
            response = api().call("POST", "/auth/login", form=form, headers=headers)
            assert response.status_int == 400


class TestFileName:
    @pytest.mark.parametrize("name", [*JUNK.values(), 'a";b', "€.pdf", "../x", "%0d"])
    def test_is_encoded(self, name):
        assert re.fullmatch(
            r"""attachment; filename="[^"\\%/\x00-\x1f\x7f-\uffff]*"; """
            r"filename\*=UTF-8''[A-Za-z0-9._~%-]+",
            attachment(name),
        )
