"""What the endpoints for clients refuse, whatever the grant (RFC 6749 section 5.2).

It doesn't matter whether the endpoint has seen the request: each refusal is an error of
OAuth2, as the client expects it.
"""

import re
from unittest.mock import ANY

import pytest

from apiserver.auth.models import OAuth2Token
from apiserver.core.http import FORM, JSON
from tests.auth.conftest import assert_uncached
from tests.client import Client
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.oauth_errors import (
    INVALID_SCOPE,
    UNAUTHORIZED_CLIENT,
    UNSUPPORTED_GRANT,
    invalid_request,
    oauth_error,
)

rfc = pytest.mark.rfc

CREDENTIALS = {"grant_type": "client_credentials"}
VALID = b"grant_type=client_credentials&token=x"
NO_FORM = f"The media type must be one of: {FORM}."
NOT_UTF_8 = "The body is not a form in UTF-8."
TWICE = "A parameter is given more than once."
MISSING_REFRESH = "Missing refresh token parameter."
MISSING = {
    "token": "Missing grant_type parameter.",
    "revoke": "Missing token parameter.",
    "introspect": "Missing token parameter.",
}


def body(more=b"", content_type=FORM, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"body": VALID + more, "content_type": content_type, "headers": named}


CHARSET = "The charset must be UTF-8."
# Status, description, and what is sent.
REFUSED = {
    "JSON": (415, NO_FORM, {"json": CREDENTIALS}),
    "text": (415, NO_FORM, body(content_type="text/plain")),
    "multipart": (415, NO_FORM, body(content_type="multipart/form-data; boundary=x")),
    "no type": (415, NO_FORM, body(content_type=None)),
    "charset": (400, CHARSET, body(content_type=f"{FORM}; charset=x")),
    "charset of JSON": (400, CHARSET, body(content_type=f"{JSON}; charset=utf-16")),
    "bad UTF-8": (400, NOT_UTF_8, body(b"&x=%ff")),
    "bad bytes": (400, NOT_UTF_8, body(b"&\xff=x")),
    "surrogate": (400, NOT_UTF_8, body(b"&x=%ED%A0%80")),
    "NUL": (400, "A parameter is not text.", body(b"&scope=a%00")),
    "too long": (413, "The body is longer than 65536 bytes.", body(b"x" * 65_536)),
    "compressed": (
        415,
        "The body must not be compressed: send no Content-Encoding.",
        body(Content_Encoding="gzip"),
    ),
    "no length": (400, "Content-Length is not a number.", body(Content_Length="-1")),
    "repeated": (400, TWICE, body(b"&a=1&a=2")),
    "repeated grant": (400, TWICE, body(b"&grant_type=client_credentials")),
    "repeated client": (400, TWICE, body(b"&client_id=x&client_id=x")),
    "token in two places": (
        400,
        "Send the token only in the Authorization header.",
        body(b"&access_token=x", Authorization="Bearer x"),
    ),
}
QUERIES = {
    "grant_type=password": "Send parameters in the body.",
    "x": "Send parameters in the body.",
    "%zz": "Send parameters in the body.",
    "x=%ff": "The URL is not UTF-8.",
    "x=%00": "The URL contains a NUL character.",
    "x" * 9000: "The query is longer than 8192 bytes.",
}
NO_GRANT, NO_REFRESH = map(invalid_request, (MISSING["token"], MISSING_REFRESH))
# What the token endpoint can't do with the form of a client that it knows.
NO_TOKEN = {
    **dict.fromkeys(["", "grant_type=&scope=x", "&&&", "=", "%"], NO_GRANT),
    **dict.fromkeys(["grant_type", "a" * 60_000], NO_GRANT),
    "grant_type=implicit": UNSUPPORTED_GRANT,
    "grant_type=CLIENT_CREDENTIALS": UNSUPPORTED_GRANT,
    "grant_type=client_credentials+": UNSUPPORTED_GRANT,
    "grant_type=urn:ietf:params:oauth:grant-type:device_code": UNSUPPORTED_GRANT,
    "grant_type=%C3%A9": UNSUPPORTED_GRANT,
    "grant_type=authorization_code": invalid_request("Missing code parameter."),
    "grant_type=authorization_code&code=x": UNAUTHORIZED_CLIENT,
    "grant_type=refresh_token": NO_REFRESH,
    "grant_type=refresh_token&refresh_token=": NO_REFRESH,
}


@pytest.fixture(params=MISSING)
def endpoint(request):
    return request.param


@pytest.fixture
def call(api, client, endpoint):
    """A function that calls the endpoint as the client."""

    def call(method="POST", app=None, query="", *, headers=None, **kw):
        headers = {**basic(client.client_id, CLIENT_SECRET), **(headers or {})}
        caller = api() if app is None else api(app=app)
        caller.lint = False
        path = f"/auth/oauth2/{endpoint}{query}"
        return caller.call(method, path, headers=headers, **kw)

    return call


def assert_error(response, status, document):
    assert (response.status_int, response.json) == (status, document)
    assert re.fullmatch(
        r"[\x20\x21\x23-\x5b\x5d-\x7e]+", response.json["error_description"]
    )
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Content-Length"] == str(len(response.body))
    assert response.headers["Cache-Control"] == "no-store"
    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-Id"])
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@rfc("6749", "5.2", "MUST", "what is wrong with a request is invalid_request")
@rfc("7009", "2.2.1", "MUST", "errors are those of RFC 6749 section 5.2")
class TestRefusedRequest:
    @rfc("6749", "4.1.3", "MUST", "the body is a form in UTF-8")
    @rfc("7009", "2.1", "MUST", "the client posts a form")
    @rfc("7662", "2.1", "MUST", "the caller posts a form")
    @rfc("9110", "15.5.16", "SHOULD", "415 for another type")
    @rfc("6749", "3.2", "MUST", "no parameter is sent more than once")
    @pytest.mark.parametrize("name", REFUSED)
    def test_is_an_invalid_request(self, call, name):
        status, description, sent = REFUSED[name]
        response = call(**sent)
        assert_error(response, status, invalid_request(description))
        if description == NO_FORM:
            assert response.headers["Accept-Post"] == FORM

    @rfc("6749", "2.3.1", "MUST NOT", "parameters aren't in the URI")
    @rfc("7009", "5", "SHOULD NOT", "no JSONP: what is in the URI is refused")
    @pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:20])
    def test_has_a_query(self, call, query):
        response = call(query=f"?{query}", body=VALID, content_type=FORM)
        assert_error(response, 400, invalid_request(QUERIES[query]))

    @rfc("6749", "3.2", "MUST", "the client uses POST")
    @rfc("7009", "2.1", "MUST", "the client posts")
    @rfc("7662", "2.1", "MUST", "the caller posts")
    @rfc("9110", "15.5.6", "MUST", "405 says which methods there are")
    @pytest.mark.parametrize(
        "method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]
    )
    def test_has_another_method(self, call, method):
        response = call(method, query="?grant_type=client_credentials")
        assert (response.status_int, response.headers["Allow"]) == (405, "POST")
        assert_uncached(response)
        if method != "HEAD":
            assert_error(response, 405, invalid_request("Allowed methods: POST."))

    @rfc("7009", "2.1", "REQUIRED", "token")
    @rfc("7662", "2.1", "REQUIRED", "token")
    def test_is_empty(self, call, endpoint):
        missing = invalid_request(MISSING[endpoint])
        for sent in ({}, {"form": {}}, {"form": {"token": ""}}):
            response = call(**sent)
            assert_error(response, 400, missing)
            assert_uncached(response)
        # Neither has to say a type, nor who it is.
        assert_error(call(headers={"Authorization": ""}), 400, missing)

    def test_may_say_its_charset(self, call):
        response = call(body=VALID, content_type=f"{FORM}; charset=UTF-8")
        assert response.status_int == 200


@pytest.fixture(scope="module")
def cut_off(make_pure_app, tmp_path_factory):
    """An application whose database isn't there."""
    folder = tmp_path_factory.mktemp("missing")
    return make_pure_app(f"sqlite:///{folder}/missing/database")


class TestUnavailable:
    def test_says_that_it_is_for_the_moment(self, call, make_pure_app, database_url):
        app = make_pure_app(database_url, rate_limit="1/hour")
        call(app=app, body=VALID, content_type=FORM)
        response = call(app=app, body=VALID, content_type=FORM)
        assert_error(response, 429, oauth_error("temporarily_unavailable", ANY))
        assert int(response.headers["Retry-After"]) > 0

    @rfc("7009", "2.2.1", "MUST", "503 means that the token still exists")
    @rfc("7009", "2.2.1", "MAY", "503 says when to try again")
    @rfc("9110", "15.6.4", "MAY", "503 says when to try again")
    def test_database_is_so_for_the_moment(self, cut_off, endpoint):
        form = {"grant_type": "client_credentials", "token": "x", "client_id": "x"}
        response = Client(cut_off).call("POST", f"/auth/oauth2/{endpoint}", form=form)
        detail = "The database is currently unavailable."
        assert_error(response, 503, oauth_error("temporarily_unavailable", detail))
        assert response.headers["Retry-After"] == "5"


@pytest.mark.parametrize("path", ["/auth/oauth2/", "/auth/oauth2/tokens"])
def test_elsewhere_it_is_a_problem_document(api, path):
    response = api().call("POST", path, json={})
    assert response.content_type == "application/problem+json"


class TestTokenEndpoint:
    @pytest.fixture
    def endpoint(self):
        return "token"

    @rfc("6749", "5.2", "MUST", "an error is 400, and one of the registered codes")
    @rfc("6749", "5.2", "MUST", "a request without a grant type: invalid_request")
    @rfc("6749", "5.2", "MUST", "an unknown grant type: unsupported_grant_type")
    @rfc("6749", "5.1", "MUST", "no cache keeps an error either")
    @rfc("6749", "4.1.3", "REQUIRED", "the token request has the code")
    @pytest.mark.parametrize("form", NO_TOKEN, ids=lambda form: form[:50])
    def test_gives_none(self, call, form):
        # A state is no parameter of this endpoint, so it isn't sent back.
        sent = f"{form}&state=xyz" if form else ""
        response = call(body=sent.encode(), content_type=FORM)
        assert_error(response, 400, NO_TOKEN[form])
        assert_uncached(response)

    @rfc("6749", "6", "MUST", "a refresh token is sent once, and isn't used up if not")
    def test_uses_up_no_repeated_token(self, call, sign_in, refresh):
        token = sign_in()["refresh_token"]
        twice = f"grant_type=refresh_token&refresh_token={token}&refresh_token={token}"
        response = call(body=twice.encode(), content_type=FORM)
        assert_error(response, 400, invalid_request(TWICE))
        assert refresh(token).status_int == 200

    @rfc("6749", "3.2", "MUST", "a parameter without a value counts as left out")
    def test_passes_over_what_is_empty(self, post, client):
        names = ("scope", "client_id", "client_secret", "code", "x")
        response = post(client, **CREDENTIALS, **dict.fromkeys(names, ""))
        assert response.json["scope"] == "teams:read users:read"

    @rfc("6749", "3.2", "MUST", "unknown parameters are ignored")
    def test_passes_over_what_it_does_not_know(self, post, client, make_user, user, me):
        """What is posted must not become an attribute of oauthlib's request."""
        other = make_user("admin").id
        about = {"username": user.username, "password": PASSWORD}
        names = "extra_credentials code_challenge token_type_hint db basic granted"
        more = dict.fromkeys([*names.split(), "found_client", "state"], "x")
        more |= {"user": other, "client": other, "refresh_token": "apr_chosen"}
        more |= {"client_type": "public", "scopes": "teams:write", "claims": "{}"}
        more |= {"expires_in": "999999"}
        answered = post(client, grant_type="password", **about, **more).json
        assert answered == {
            "access_token": ANY,
            "refresh_token": ANY,
            "token_type": "Bearer",
            "expires_in": 900,
            "scope": "teams:read users:read",
        }
        assert answered["refresh_token"] != "apr_chosen"
        assert me(answered["access_token"]).json["id"] == user.id

    def test_undoes_what_was_written(self, post, client, user, db):
        form = {"username": user.username, "password": PASSWORD, "scope": "x"}
        response = post(client, grant_type="password", **form)
        assert (response.status_int, response.json) == (400, INVALID_SCOPE)
        assert db.query(OAuth2Token).all() == []
