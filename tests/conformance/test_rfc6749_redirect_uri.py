"""RFC 6749 section 3.1.2, RFC 3986, RFC 8252: where a browser may be sent."""

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

# What differs from the registered URI; which URIs there can be at all, and that a port
# is free, tests/auth/test_redirects.py says.
DIFFERENT = """
    https://client.example.org/Callback https://CLIENT.example.org/callback
    HTTPS://client.example.org/callback https://client.example.org/callback/
    https://client.example.org/callback? https://client.example.org/callback?x=1
    https://client.example.org/callback# https://client.example.org/callback#fragment
    https://client.example.org/callback;params https://client.example.org:443/callback
    https://client.example.org:8443/callback https://user@client.example.org/callback
    https://client.example.org/%63allback https://client.example.org/./callback
    https://client.example.org/a/../callback https://client.example.org//callback
    https://client.example.org.evil.example/callback https://evil.example/callback
    https://client.example.org\\@evil.example/callback callback /callback
    http://client.example.org/callback //client.example.org/callback
    https:client.example.org/callback
"""
ODD = ["\n", " ", "\t", "\r\n", "\\", "\x7f", "é", "\N{IDEOGRAPHIC FULL STOP}"]

IPV4 = "http://127.0.0.1/cb"
IPV6 = "http://[::1]:8000/cb"
SCHEME = "org.example.client:/callback"
# What differs from these in more than the port.
NOT_NATIVE = """
    http://127.0.0.1:8000/other http://127.0.0.1:8000/cb/ http://127.0.0.1:8000/cb?x=1
    http://127.0.0.1:8000?evil=1/cb http://127.0.0.1:08000/cb http://127.0.0.1:/cb
    http://127.0.0.1:8000/cb#x http://127.0.0.1:0/cb http://user@127.0.0.1:8000/cb
    http://127.0.0.2:8000/cb http://localhost:8000/cb https://127.0.0.1:8000/cb
    http://127.0.0.1:8000@evil.example/cb http://[::2]:8000/cb http://[::1:8000/cb
"""


class TestAuthorize:
    @rfc("6749", "3.1.2.4", "MUST NOT", "no redirect to an unregistered URI")
    @rfc("6749", "4.1.2.1", "MUST NOT", "no redirect to an invalid URI")
    @rfc("9700", "4.1.3", "MUST", "redirect URIs are compared as strings")
    @rfc("3986", "2", "MUST", "a URI holds no other characters")
    @rfc("3986", "6.2.1", "MUST", "simple string comparison, no normalization")
    @rfc("ASVS", "10.4.1", "L1", "redirect URIs are matched exactly")
    def test_different_uri_is_refused(self, browser, client):
        for uri in (*DIFFERENT.split(), *(REDIRECT_URI + odd for odd in ODD)):
            assert_error_page(authorize(browser, client, redirect_uri=uri), uri)

    @rfc("6749", "3.1.2.3", "MUST", "of several registered URIs the request names one")
    def test_one_of_several_must_be_named(self, browser, make_client):
        uris = [REDIRECT_URI, "https://client.example.org/other"]
        client = make_client(redirect_uris=uris, grant_types=["authorization_code"])
        assert_error_page(authorize(browser, client, redirect_uri=None))

    @rfc("6749", "3.1.2.3", "MUST", "a client without a registered URI gets no code")
    @rfc("9700", "2.6", "MUST NOT", "no redirect where a browser must not be sent")
    @pytest.mark.parametrize(
        ("registered", "named"),
        [
            ([], REDIRECT_URI),
            (["http://client.example.org/"], "http://client.example.org/"),
            (["javascript:alert(1)"], "javascript:alert(1)"),
        ],
    )
    def test_what_may_not_be_registered_is_not_used(
        self, browser, make_client, registered, named
    ):
        grants = ["authorization_code"]
        client = make_client(redirect_uris=registered, grant_types=grants)
        for uri in (named, None):
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


class TestNativeClient:
    @pytest.fixture
    def native(self, make_client):
        """An application on a device, which listens on that itself."""
        return make_client(
            client_type="public",
            secret_digest=None,
            redirect_uris=[IPV4, IPV6, SCHEME],
            grant_types=("authorization_code", "refresh_token"),
        )

    @rfc("8252", "7.1", "MUST", "the scheme of an application is a reversed domain")
    @rfc("8252", "7.3", "MUST", "a loopback address may have any port")
    @pytest.mark.parametrize(
        "uri",
        [
            SCHEME,
            IPV4,
            "http://127.0.0.1:1024/cb",
            "http://127.0.0.1:65535/cb",
            "http://[::1]/cb",
            "http://[::1]:51004/cb",
        ],
    )
    def test_is_redirected_to_its_scheme_and_any_port(
        self, server, browser, native, uri
    ):
        response = allow(browser, native, redirect_uri=uri)
        assert response.headers["location"].startswith(f"{uri}?code=")
        code = redirected(response)["code"]
        response = exchange(server, native, code, redirect_uri=uri)
        assert response.status_code == 200

    @rfc("8252", "8.10", "MUST", "all but the port is compared as a string")
    def test_has_no_other_freedom(self, browser, native):
        for uri in NOT_NATIVE.split():
            assert_error_page(authorize(browser, native, redirect_uri=uri), uri)

    @rfc("8252", "7.3", "MUST", "the exception is for native applications alone")
    def test_others_keep_to_their_port(self, browser, make_client):
        client = make_client(redirect_uris=[IPV4], grant_types=["authorization_code"])
        uri = "http://127.0.0.1:8000/cb"
        assert_error_page(authorize(browser, client, redirect_uri=uri))
        assert authorize(browser, client, redirect_uri=IPV4).status_code == 200

    @rfc("8252", "6", "MUST", "native applications use PKCE")
    @rfc("8252", "8.6", "SHOULD NOT", "no code without asking an impersonable client")
    @rfc("6749", "10.2", "SHOULD NOT", "repeated requests aren't granted by themselves")
    @pytest.mark.parametrize("uri", [IPV4, SCHEME])
    def test_uses_pkce_and_is_consented_to_each_time(self, browser, native, uri):
        response = authorize(browser, native, redirect_uri=uri, code_challenge=None)
        assert redirected(response)["error"] == "invalid_request"
        for _ in range(2):
            page = authorize(browser, native, redirect_uri=uri)
            assert page.status_code == 200
            assert "code" in redirected(browser.consent(page))

    @rfc("8252", "8.4", "MUST", "native applications register as public clients")
    @rfc("8252", "8.5", "MUST", "a secret that everybody has is no authentication")
    def test_is_not_helped_by_a_secret(self, server, native):
        form = {"grant_type": "refresh_token", "refresh_token": "x"}
        response = server.post("token", native, client_secret="shipped", **form)
        assert response.status_code == 401
        assert response.json()["error"] == "invalid_client"
