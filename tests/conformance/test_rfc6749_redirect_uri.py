"""RFC 6749 section 3.1.2, RFC 3986: where a browser may be sent."""

import pytest

from tests.conformance.flow import (
    REDIRECT_URI,
    allow,
    assert_error_page,
    authorize,
    exchange,
    redirected,
)

rfc = pytest.mark.rfc

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


class TestAuthorize:
    @rfc("6749", "3.1.2.4", "MUST NOT", "no redirect to an unregistered URI")
    @rfc("6749", "4.1.2.1", "MUST NOT", "no redirect to an invalid URI")
    @rfc("9700", "4.1.3", "MUST", "redirect URIs are compared as strings")
    @rfc("3986", "6.2.1", "MUST", "simple string comparison, no normalization")
    @rfc("ASVS", "10.4.1", "L1", "redirect URIs are matched exactly")
    def test_different_uri_is_refused(self, browser, client):
        for uri in DIFFERENT:
            assert_error_page(authorize(browser, client, redirect_uri=uri), uri)

    @rfc("3986", "2", "MUST", "a URI holds no other characters")
    def test_odd_characters_are_refused(self, browser, client):
        for odd in ODD:
            response = authorize(browser, client, redirect_uri=REDIRECT_URI + odd)
            assert_error_page(response, odd)

    @rfc("6749", "3.1.2.3", "MUST", "of several registered URIs the request names one")
    def test_one_of_several_must_be_named(self, browser, make_client):
        uris = [REDIRECT_URI, "https://client.example.org/other"]
        client = make_client(redirect_uris=uris, grant_types=["authorization_code"])
        response = authorize(browser, client, redirect_uri=None)
        assert_error_page(response)

    @rfc("6749", "3.1.2.3", "MUST", "a client without a registered URI gets no code")
    @pytest.mark.parametrize("uri", [None, REDIRECT_URI])
    def test_unregistered_client_gets_a_page(self, browser, make_client, uri):
        client = make_client(grant_types=["authorization_code"])
        assert_error_page(authorize(browser, client, redirect_uri=uri))

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
            assert_error_page(response)
