"""RFC 6749 section 3.1.2, RFC 3986: where a browser may be sent."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Client
from tests.conformance.flow import (
    REDIRECT_URI,
    allow,
    authorize,
    exchange,
    redirected,
)
from tests.conformance.test_rfc6749_authorization import assert_page_without_redirect

rfc = pytest.mark.rfc

CLIENTS = "/api/v1/auth/oauth2_clients/"

DIFFERENT = [
    "https://client.example.org/Callback",
    "https://CLIENT.example.org/callback",
    "HTTPS://client.example.org/callback",
    "https://client.example.org/callback/",
    "https://client.example.org/callback?",
    "https://client.example.org/callback?x=1",
    "https://client.example.org/callback#",
    "https://client.example.org/callback#fragment",
    "https://client.example.org/callback;params",
    "https://client.example.org:443/callback",
    "https://client.example.org:8443/callback",
    "https://user@client.example.org/callback",
    "https://client.example.org/%63allback",
    "https://client.example.org/./callback",
    "https://client.example.org/a/../callback",
    "https://client.example.org//callback",
    "https://client.example.org.evil.example/callback",
    "https://client.example.org\\@evil.example/callback",
    "https://evil.example/callback",
    "http://client.example.org/callback",
    "//client.example.org/callback",
    "/callback",
    "callback",
    "https:client.example.org/callback",
]
ODD = ["\n", " ", "\t", "\r\n", "\\", "\x7f", "é", "\N{IDEOGRAPHIC FULL STOP}"]
FORBIDDEN = [
    "http://client.example.org/callback",
    "javascript:alert(1)",
    "JavaScript:alert(1)//",
    "data:text/html,x",
    "vbscript:msgbox",
    "file:///etc/passwd",
    "about:blank",
    "blob:https://client.example.org/x",
    "ftp://client.example.org/",
    "https://x;sandbox/",
    "https://*/",
]


@pytest.fixture
def register(server, make_token, user):
    """A function that registers a client with a redirect URI over the API."""

    def call(uri):
        token = make_token(user, scopes=["auth:write"])
        return server.call("POST", CLIENTS, token=token, json={"redirect_uris": [uri]})

    return call


class TestAuthorize:
    @rfc("6749", "3.1.2.4", "MUST NOT", "no redirect to an unregistered URI")
    @rfc("6749", "4.1.2.1", "MUST NOT", "no redirect to an invalid URI")
    @rfc("9700", "4.1.3", "MUST", "redirect URIs are compared as strings")
    @rfc("3986", "6.2.1", "MUST", "simple string comparison, no normalization")
    @rfc("ASVS", "10.4.1", "L1", "redirect URIs are matched exactly")
    @pytest.mark.parametrize("uri", DIFFERENT)
    def test_different_uri_is_refused(self, browser, client, uri):
        assert_page_without_redirect(authorize(browser, client, redirect_uri=uri))

    @rfc("3986", "2", "MUST", "a URI holds no other characters")
    @pytest.mark.parametrize("odd", ODD)
    def test_odd_characters_are_refused(self, browser, client, odd):
        response = authorize(browser, client, redirect_uri=REDIRECT_URI + odd)
        assert_page_without_redirect(response)

    @rfc("6749", "3.1.2.3", "MUST", "of several registered URIs the request names one")
    def test_one_of_several_must_be_named(self, browser, make_client):
        uris = [REDIRECT_URI, "https://client.example.org/other"]
        client = make_client(redirect_uris=uris, grant_types=["authorization_code"])
        response = authorize(browser, client, redirect_uri=None)
        assert_page_without_redirect(response)

    @rfc("6749", "3.1.2.3", "MUST", "a client without a registered URI gets no code")
    @pytest.mark.parametrize("uri", [None, REDIRECT_URI])
    def test_unregistered_client_gets_a_page(self, browser, make_client, uri):
        client = make_client(grant_types=["authorization_code"])
        assert_page_without_redirect(authorize(browser, client, redirect_uri=uri))

    @rfc("6749", "3.1.2", "MUST", "a registered query is kept")
    def test_query_of_the_uri_is_kept(self, server, browser, make_client):
        uri = "https://client.example.org/callback?tenant=a%20b&x="
        client = make_client(redirect_uris=[uri], grant_types=["authorization_code"])
        response = allow(browser, client, redirect_uri=uri, scope="teams:read")
        assert response.headers["location"].startswith(f"{uri}&")
        answer = redirected(response)
        assert (answer["tenant"], answer["state"]) == ("a b", "xyz")
        response = exchange(server, client, answer["code"], redirect_uri=uri)
        assert response.status_code == 200

    @rfc("9700", "2.6", "MUST NOT", "no redirect where a browser must not be sent")
    @pytest.mark.parametrize("uri", FORBIDDEN)
    def test_forbidden_uri_is_not_used(self, browser, make_client, uri):
        client = make_client(redirect_uris=[uri], grant_types=["authorization_code"])
        for given in (uri, None):
            response = authorize(browser, client, redirect_uri=given)
            assert_page_without_redirect(response)


class TestRegister:
    @rfc("9700", "2.6", "MUST NOT", "plain http and script URIs are not registered")
    @pytest.mark.parametrize("uri", FORBIDDEN)
    def test_forbidden_uri_is_refused(self, register, select_all, user, uri):
        assert register(uri).status_code == 422
        owned = select(OAuth2Client.redirect_uris).where(
            OAuth2Client.user_id == user.id
        )
        assert [(uri,)] not in [row.redirect_uris for row in select_all(owned)]

    @rfc("6749", "3.1.2", "MUST NOT", "a redirect URI has no fragment")
    @pytest.mark.parametrize("fragment", ["#", "#x", "?a#b"])
    def test_fragment_is_refused(self, register, fragment):
        assert register(REDIRECT_URI + fragment).status_code == 422

    @rfc("6749", "3.1.2", "MUST", "a redirect URI is absolute")
    @pytest.mark.parametrize(
        "uri", ["/callback", "//client.example.org", "x", "https:"]
    )
    def test_relative_uri_is_refused(self, register, uri):
        assert register(uri).status_code == 422

    @rfc("3986", "2", "MUST", "what is no URI isn't registered")
    @pytest.mark.parametrize("odd", ODD)
    def test_odd_characters_are_refused(self, register, odd):
        assert register(REDIRECT_URI + odd).status_code == 422

    @rfc("6749", "3.1.2.2", "MUST", "clients register where they are redirected to")
    def test_good_uri_is_taken(self, register):
        response = register(REDIRECT_URI)
        assert response.status_code == 201
        assert response.json()["redirect_uris"] == [REDIRECT_URI]
