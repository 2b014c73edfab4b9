"""RFC 8252: native applications, which listen on the device itself."""

import pytest

from tests.conformance.flow import (
    allow,
    assert_error_page,
    authorize,
    exchange,
    redirected,
)

rfc = pytest.mark.rfc

IPV4 = "http://127.0.0.1/cb"
IPV6 = "http://[::1]:8000/cb"
SCHEME = "org.example.client:/callback"
# What differs from these in more than the port.
OTHERS = [
    "http://127.0.0.1:8000/other",
    "http://127.0.0.1:8000/cb/",
    "http://127.0.0.1:8000/cb?x=1",
    "http://127.0.0.1:8000?evil=1/cb",
    "http://127.0.0.1:8000;evil/cb",
    "http://127.0.0.1:08000/cb",
    "http://127.0.0.1:/cb",
    "http://127.0.0.1:8000/cb#x",
    "http://127.0.0.1:0/cb",
    "http://127.0.0.1:99999/cb",
    "http://127.0.0.1:x/cb",
    "http://user@127.0.0.1:8000/cb",
    "http://127.0.0.2:8000/cb",
    "http://127.1:8000/cb",
    "http://localhost:8000/cb",
    "http://127.0.0.1.evil.example:8000/cb",
    "http://127.0.0.1:8000@evil.example/cb",
    "https://127.0.0.1:8000/cb",
    "http://[::2]:8000/cb",
    "http://[0:0:0:0:0:0:0:1]:8000/cb",
    "http://[::1:8000/cb",
]


@pytest.fixture
def native(make_client):
    """An application on a device."""
    return make_client(
        client_type="public",
        secret_digest=None,
        redirect_uris=[IPV4, IPV6, SCHEME],
        grant_types=("authorization_code", "refresh_token"),
    )


class TestLoopback:
    @rfc("8252", "7.3", "MUST", "a loopback address may have any port")
    @pytest.mark.parametrize(
        "uri",
        [
            IPV4,
            "http://127.0.0.1:1024/cb",
            "http://127.0.0.1:65535/cb",
            "http://[::1]/cb",
            "http://[::1]:51004/cb",
        ],
    )
    def test_port_is_free(self, server, browser, native, uri):
        response = allow(browser, native, redirect_uri=uri)
        assert response.headers["location"].startswith(f"{uri}?")
        code = redirected(response)["code"]
        response = exchange(server, native, code, redirect_uri=uri)
        assert response.status_code == 200

    @rfc("8252", "8.10", "MUST", "all but the port is compared as a string")
    def test_all_else_is_not(self, browser, native):
        for uri in OTHERS:
            assert_error_page(authorize(browser, native, redirect_uri=uri), uri)

    @rfc("8252", "7.3", "MUST", "the exception is for native applications alone")
    def test_other_clients_keep_to_their_port(self, browser, make_client):
        client = make_client(redirect_uris=[IPV4], grant_types=["authorization_code"])
        uri = "http://127.0.0.1:8000/cb"
        assert_error_page(authorize(browser, client, redirect_uri=uri))
        assert authorize(browser, client, redirect_uri=IPV4).status_code == 200


class TestNativeClient:
    @rfc("8252", "7.1", "MUST", "the scheme of an application is a reversed domain")
    def test_own_scheme_is_redirected_to(self, server, browser, native):
        response = allow(browser, native, redirect_uri=SCHEME)
        assert response.headers["location"].startswith(f"{SCHEME}?code=")
        code = redirected(response)["code"]
        response = exchange(server, native, code, redirect_uri=SCHEME)
        assert response.status_code == 200

    @rfc("8252", "6", "MUST", "native applications use PKCE")
    @pytest.mark.parametrize("uri", [IPV4, SCHEME])
    def test_challenge_is_required(self, browser, native, uri):
        response = authorize(browser, native, redirect_uri=uri, code_challenge=None)
        assert redirected(response)["error"] == "invalid_request"

    @rfc("8252", "8.6", "SHOULD NOT", "no code without asking an impersonable client")
    @rfc("6749", "10.2", "SHOULD NOT", "repeated requests aren't granted by themselves")
    @pytest.mark.parametrize("uri", [IPV4, SCHEME])
    def test_consent_is_asked_each_time(self, browser, native, uri):
        for _ in range(2):
            page = authorize(browser, native, redirect_uri=uri)
            assert page.status_code == 200
            assert "code" in redirected(browser.consent(page))

    @rfc("8252", "8.4", "MUST", "native applications register as public clients")
    @rfc("8252", "8.5", "MUST", "a secret that everybody has is no authentication")
    def test_secret_does_not_help(self, server, native):
        form = {"grant_type": "refresh_token", "refresh_token": "x"}
        response = server.post("token", native, client_secret="shipped", **form)
        assert (response.status_code, response.json()["error"]) == (
            401,
            "invalid_client",
        )
