"""What fails at an endpoint of OAuth2 is an error of OAuth2 (RFC 6749 section 5.2).

It doesn't matter whether the endpoint has seen the request.
"""

import re
from unittest.mock import ANY

import pytest

from apiserver.core.http import FORM, JSON
from tests.auth.conftest import basic
from tests.client import Client
from tests.factories import CLIENT_SECRET
from tests.oauth_errors import INVALID_CLIENT, invalid_request, oauth_error

ENDPOINTS = ("token", "revoke", "introspect")
VALID = b"grant_type=client_credentials&token=x"
NO_FORM = f"The body must be one of: {FORM}."

# Status, description, and what is sent.
REFUSED = {
    "JSON": (415, NO_FORM, {"json": {"grant_type": "client_credentials"}}),
    "text": (415, NO_FORM, {"body": VALID, "content_type": "text/plain"}),
    "multipart": (
        415,
        NO_FORM,
        {"body": b"--x--", "content_type": "multipart/form-data; boundary=x"},
    ),
    "charset": (
        400,
        "The charset must be UTF-8.",
        {"body": VALID, "content_type": f"{FORM}; charset=latin-1"},
    ),
    "charset of JSON": (
        400,
        "The charset must be UTF-8.",
        {"body": b"{}", "content_type": f"{JSON}; charset=utf-16"},
    ),
    "bad UTF-8": (
        400,
        "The body is not a form in UTF-8.",
        {"body": VALID + b"&x=%ff", "content_type": FORM},
    ),
    "too long": (
        413,
        "The body is longer than 65536 bytes.",
        {"body": VALID + b"x" * 65_536, "content_type": FORM},
    ),
    "compressed": (
        415,
        "The body must not be compressed: send no Content-Encoding.",
        {
            "body": VALID,
            "content_type": FORM,
            "headers": {"Content-Encoding": "gzip"},
        },
    ),
    "no length": (
        400,
        "Content-Length is not a number.",
        {"body": VALID, "content_type": FORM, "headers": {"Content-Length": "-1"}},
    ),
    "repeated": (
        400,
        "A parameter is given twice.",
        {"body": VALID + b"&a=1&a=2", "content_type": FORM},
    ),
    "token in two places": (
        400,
        "Send the token in the header alone.",
        {
            "body": VALID + b"&access_token=x",
            "content_type": FORM,
            "headers": {"Authorization": "Bearer x"},
        },
    ),
}


@pytest.fixture(params=ENDPOINTS)
def path(request):
    return f"/auth/oauth2/{request.param}"


@pytest.fixture
def call(api, client, path):
    """A function that calls the endpoint as the client."""

    def call(method="POST", app=None, more="", *, headers=None, **kw):
        headers = {**basic(client.client_id, CLIENT_SECRET), **(headers or {})}
        caller = api() if app is None else api(app=app)
        caller.lint = False
        return caller.call(method, path + more, headers=headers, **kw)

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


class TestRefusedRequest:
    @pytest.mark.parametrize("name", REFUSED)
    def test_is_an_invalid_request(self, call, name):
        status, description, sent = REFUSED[name]
        assert_error(call(**sent), status, invalid_request(description))

    @pytest.mark.parametrize(
        ("query", "description"),
        [
            ("?x=%ff", "The URL is not UTF-8."),
            ("?x=%00", "The URL holds a NUL character."),
            (f"?{'x' * 9000}", "The query is longer than 8192 bytes."),
        ],
    )
    def test_with_a_bad_url_is_an_invalid_request(self, call, query, description):
        response = call(more=query, body=VALID, content_type=FORM)
        assert_error(response, 400, invalid_request(description))

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def test_by_another_method_is_an_invalid_request(self, call, method):
        response = call(method)
        assert_error(response, 405, invalid_request("Here are POST."))
        assert response.headers["Allow"] == "POST"

    def test_says_which_types_are_taken(self, call):
        assert call(json={}).headers["Accept-Post"] == FORM

    def test_of_an_unknown_client_is_said_so(self, call):
        headers = basic("nobody", CLIENT_SECRET)
        response = call(body=VALID, content_type=FORM, headers=headers)
        assert_error(response, 401, INVALID_CLIENT)
        assert response.headers["WWW-Authenticate"] == 'Basic realm="apiserver"'


class TestUnavailable:
    def test_says_that_it_is_for_the_moment(self, call, make_app, database_url):
        app = make_app(database_url, rate_limit="1/hour")
        call(app=app, body=VALID, content_type=FORM)
        response = call(app=app, body=VALID, content_type=FORM)
        assert_error(response, 429, oauth_error("temporarily_unavailable", ANY))
        assert int(response.headers["Retry-After"]) > 0

    def test_database_is_so_for_the_moment(self, make_app, tmp_path, path):
        app = make_app(f"sqlite:///{tmp_path}/missing/database")
        form = {"grant_type": "client_credentials", "token": "x", "client_id": "x"}
        response = Client(app).call("POST", path, form=form)
        detail = "The database can't be reached at the moment."
        assert_error(response, 503, oauth_error("temporarily_unavailable", detail))
        assert response.headers["Retry-After"] == "5"


class TestElsewhere:
    @pytest.mark.parametrize("path", ["/auth/oauth2/", "/auth/oauth2/tokens"])
    def test_is_a_problem_document(self, api, path):
        response = api().call("POST", path, json={})
        assert response.content_type == "application/problem+json"


class TestMethodOfAuthentication:
    """The right secret, sent otherwise than it was agreed on."""

    @pytest.mark.parametrize("agreed", ["client_secret_basic", "client_secret_post"])
    def test_is_named_to_who_has_the_secret(self, post, make_client, agreed):
        client = make_client(token_endpoint_auth_method=agreed)
        told = f"The client has to use {agreed}."
        for secret, document in (
            (CLIENT_SECRET, oauth_error("invalid_client", told)),
            ("guess", INVALID_CLIENT),
        ):
            form = {"grant_type": "client_credentials"}
            headers = None
            if agreed == "client_secret_basic":
                form |= {"client_id": client.client_id, "client_secret": secret}
            else:
                headers = basic(client.client_id, secret)
            response = post(headers=headers, **form)
            assert (response.status_int, response.json) == (401, document)
