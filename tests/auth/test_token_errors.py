"""What the token endpoint refuses, whatever the grant (RFC 6749 sections 3.2, 5.2)."""

from unittest.mock import ANY

import pytest

from apiserver.auth.models import OAuth2Token
from tests.auth.conftest import assert_uncached, basic
from tests.client import Client
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.oauth_errors import UNSUPPORTED_GRANT, invalid_request

TOKEN = "/auth/oauth2/token"
FORM = {"grant_type": "client_credentials"}
FORM_TYPE = "application/x-www-form-urlencoded"


def call(api, client, method="POST", path=TOKEN, **kw):
    headers = basic(client.client_id, CLIENT_SECRET)
    return api().call(method, path, headers=headers, **kw)


def assert_invalid_request(response, description):
    assert response.status_int == 400
    assert response.json == invalid_request(description)
    assert response.headers["Content-Type"] == "application/json"
    assert_uncached(response)


class TestGrantType:
    @pytest.mark.parametrize("form", [{}, {"grant_type": ""}, {"scope": "x"}])
    def test_is_required(self, post, client, form):
        assert_invalid_request(post(client, **form), "Missing grant_type parameter.")

    @pytest.mark.parametrize(
        "name", ["implicit", "device_code", "CLIENT_CREDENTIALS", "client_credentials "]
    )
    def test_unknown_one_is_unsupported(self, post, client, name):
        response = post(client, grant_type=name)
        assert response.status_int == 400
        assert response.json == UNSUPPORTED_GRANT
        assert_uncached(response)


class TestMethod:
    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
    @pytest.mark.parametrize("endpoint", ["token", "revoke"])
    def test_only_post_is_allowed(self, api, method, endpoint):
        response = api().call(method, f"/auth/oauth2/{endpoint}", form=FORM)
        assert response.status_int == 405
        assert response.headers["Allow"] == "POST"
        assert response.json == invalid_request("Here are POST.")
        assert_uncached(response)

    @pytest.mark.parametrize("endpoint", ["token", "revoke"])
    def test_head_is_not_allowed(self, api, endpoint):
        response = api().call("HEAD", f"/auth/oauth2/{endpoint}")
        assert (response.status_int, response.body) == (405, b"")
        assert response.headers["Allow"] == "POST"


class TestPlaceOfParameters:
    @pytest.mark.parametrize("query", ["grant_type=password", "scope=x", "x", "%zz"])
    @pytest.mark.parametrize("endpoint", ["token", "revoke"])
    def test_is_not_the_query(self, api, client, query, endpoint):
        path = f"/auth/oauth2/{endpoint}?{query}"
        response = call(api, client, path=path, form=FORM)
        assert_invalid_request(response, "Parameters belong in the body.")

    @pytest.mark.parametrize(
        ("endpoint", "missing"),
        [
            ("token", "Missing grant_type parameter."),
            ("revoke", "Missing token parameter."),
            ("introspect", "Missing token parameter."),
        ],
    )
    def test_empty_body_needs_no_type(self, api, client, endpoint, missing):
        path = f"/auth/oauth2/{endpoint}"
        for response in (call(api, client, path=path), api().call("POST", path)):
            assert_invalid_request(response, missing)

    @pytest.mark.parametrize(
        "content_type", [None, "application/json", "text/plain", "multipart/form-data"]
    )
    def test_is_a_form_and_nothing_else(self, api, client, content_type):
        body = b'{"grant_type": "client_credentials"}'
        response = call(api, client, body=body, content_type=content_type)
        assert response.status_int == 415
        assert response.headers["Accept-Post"] == FORM_TYPE
        detail = f"The body must be one of: {FORM_TYPE}."
        assert response.json == invalid_request(detail)
        assert_uncached(response)

    def test_charset_may_be_said(self, api, client):
        content_type = f"{FORM_TYPE}; charset=UTF-8"
        response = call(api, client, form=FORM, content_type=content_type)
        assert response.status_int == 200


class TestParameters:
    @pytest.mark.parametrize(
        "name", ["grant_type", "scope", "client_id", "username", "unknown"]
    )
    def test_none_may_be_repeated(self, api, client, name):
        body = f"grant_type=client_credentials&{name}=x&{name}=x".encode()
        response = call(api, client, body=body, content_type=FORM_TYPE)
        assert_invalid_request(response, "A parameter is given twice.")

    def test_refresh_token_may_not_be_repeated(self, api, client, sign_in, refresh):
        token = sign_in()["refresh_token"]
        body = f"grant_type=refresh_token&refresh_token={token}&refresh_token={token}"
        response = call(api, client, body=body.encode(), content_type=FORM_TYPE)
        assert_invalid_request(response, "A parameter is given twice.")
        assert refresh(token).status_int == 200

    def test_empty_ones_count_as_absent(self, post, client):
        empty = dict.fromkeys(("scope", "client_id", "client_secret", "x"), "")
        assert post(client, **FORM, **empty).json["scope"] == "teams:read users:read"

    @pytest.mark.parametrize("name", ["client_id", "username", "scope", "x\0"])
    def test_none_holds_a_nul(self, post, client, name):
        response = post(client, **FORM, **{name: "a\0b"})
        assert_invalid_request(response, "A parameter is no text.")

    @pytest.mark.parametrize("body", [b"grant_type=%ff", b"\xff=x", b"a=%ED%A0%80"])
    def test_malformed_form_is_refused(self, api, client, body):
        response = call(api, client, body=body, content_type=FORM_TYPE)
        assert_invalid_request(response, "The body is not a form in UTF-8.")

    @pytest.mark.parametrize(
        "body", [b"", b"&&&", b"=", b"%", b"grant_type", b";;", b"a" * 60_000]
    )
    def test_odd_form_is_one_without_a_grant_type(self, api, client, body):
        response = call(api, client, body=body, content_type=FORM_TYPE)
        assert_invalid_request(response, "Missing grant_type parameter.")

    def test_too_long_a_form_is_refused(self, api, client):
        body = b"a" * (64 * 1024 + 1)
        response = call(api, client, body=body, content_type=FORM_TYPE)
        assert response.status_int == 413


class TestFurtherParameters:
    """What is posted must not become an attribute of oauthlib's request."""

    def test_change_nothing(self, post, client, make_user, user, me):
        admin = make_user("admin")
        response = post(
            client,
            grant_type="password",
            username=user.username,
            password=PASSWORD,
            refresh_token="apr_chosen",
            user=admin.id,
            client=admin.id,
            client_type="public",
            scopes="teams:write",
            claims="{}",
            expires_in="999999",
            extra_credentials="x",
            code_challenge="x",
            token_type_hint="x",
            db="x",
            basic="x",
            granted="x",
            found_client="x",
            state="xyz",
        )
        assert response.json == {
            "access_token": ANY,
            "refresh_token": ANY,
            "token_type": "Bearer",
            "expires_in": 900,
            "scope": "teams:read users:read",
        }
        assert response.json["refresh_token"] != "apr_chosen"
        assert me(response.json["access_token"]).json["id"] == user.id

    def test_state_is_not_echoed_in_errors(self, post, client):
        response = post(client, grant_type="refresh_token", state="xyz")
        assert_invalid_request(response, "Missing refresh token parameter.")


class TestErrors:
    def test_undo_what_was_written(self, post, client, user, db):
        form = {"username": user.username, "password": PASSWORD, "scope": "x"}
        assert post(client, grant_type="password", **form).status_int == 400
        assert db.query(OAuth2Token).all() == []

    def test_unreachable_database_is_no_refusal(self, post, make_app, tmp_path):
        app = make_app(f"sqlite:///{tmp_path}/missing/database")
        response = Client(app).call("POST", TOKEN, form={**FORM, "client_id": "x"})
        assert response.status_int == 503
        assert response.headers["Retry-After"] == "5"
