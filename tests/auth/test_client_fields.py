"""What a new OAuth2 client may be: limits of its fields, redirect URIs."""

import pytest

from tests.problems import invalid

rfc = pytest.mark.rfc

PATH = "/auth/oauth2_clients/"
TWICE = "Must not contain duplicate items."
REDIRECT = "Must be an https URI without a fragment, or a loopback URI."

# What may be registered (RFC 9700 section 2.6, RFC 8252 section 7).
GOOD = [
    "https://example.com",
    "https://example.com/cb",
    "https://example.com:8443/cb?a=b&c=d",
    "https://[2001:db8::1]/cb",
    "http://127.0.0.1/cb",
    "http://127.0.0.1:8080/cb",
    "http://[::1]:8080/cb",
    "http://localhost:3000",
    "https://example.com/a%2Fb;c=1,2/(d)*'!$&+@:~_-.",
    "https://xn--exmple-cua.com/cb",
    "https://a-b.1.Example.com:65535?a=?/b",
    "https://192.0.2.1:8443/cb",
    f"https://{'x' * 63}.example.com/cb",
    "com.example.app:/cb",
    "com.example.app://cb",
    "com.example.app:cb",
    "com.example.app:///cb?a=b",
    "https://example.com/" + "x" * 480,
]
BAD = [
    "http://example.com/cb",
    "http://127.0.0.1.example.com/cb",
    "http://localhost.example.com/cb",
    "http://127.0.0.1@example.com/cb",
    "https://user@example.com/cb",
    "https://user:password@example.com/cb",
    "https://example.com/cb#",
    "https://example.com/cb#fragment",
    "https://example.com\\@example.org/cb",
    "https://example.com/cb\\",
    "https://example.com/c b",
    "https://example.com/é",
    'https://example.com/"onload=alert(1)',
    "https://example.com/<script>",
    "https://example.com/{}",
    "https://example.com/^|`",
    "https://example.com/%zz",
    "https://example.com/%",
    "https://exämple.com/cb",
    "https:///cb",
    "https:example.com",
    "https://example.com:0/cb",
    "https://example.com:99999/cb",
    "https://example.com:port/cb",
    "https://example.com:/cb",
    "https://example.com:080/cb",
    "https://example.com:65536/cb",
    "https://example.com:+80/cb",
    "https://x;sandbox/",
    "https://*/",
    "https://*.example.com/cb",
    "https://a,b/",
    "https://'none'/",
    "https://a'b/",
    "https://$x/",
    "https://x%3Bsandbox/",
    "https://ex%61mple.com/cb",
    "https://example_com/cb",
    "https://-example.com/cb",
    "https://example-.com/cb",
    "https://example..com/cb",
    "https://.example.com/cb",
    "https://example.com./cb",
    f"https://{'x' * 64}.example.com/cb",
    f"https://{'x.' * 127}example/cb",
    "https://192.0.2.256/cb",
    "https://192.0.2.01/cb",
    "https://192.0.2/cb",
    "https://3221225985/cb",
    "https://0xC0000201/cb",
    "https://192.0.2.0x1/cb",
    "https://[::g]/cb",
    "https://[fe80::1%25eth0]/cb",
    "https://[v1.x]/cb",
    "https://[]/cb",
    "https://[::1]x/cb",
    "https://example.com/[cb]",
    "http://[0:0:0:0:0:0:0:1]/cb",
    "http://127.1/cb",
    "http://LOCALHOST/cb",
    "HTTPS://example.com/cb",
    "com.example.app:",
    "com.example.app://",
    "com.example.app://user@cb",
    "com.example.app://x;y/cb",
    "com.example.app://*/cb",
    ".example:/cb",
    "https://[::1/cb",
    "https://",
    "//example.com/cb",
    "/cb",
    "example.com",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "https:",
    "blob:https://example.com/x",
    "JavaScript:alert(1)//",
    "https://example.com?a#b",
    "file:///etc/passwd",
    "about:blank",
    "ftp://example.com/cb",
    "myapp:/cb",
    " https://example.com/cb",
    "https://example.com/cb ",
]
# Characters that no text may hold are refused before the URI is looked at.
CONTROLS = [
    "https://example.com/cb\n",
    "https://example.com/c\tb",
    "https://a\0b",
    "https://a\x7f",
]


def tens(uris):
    """Return the URIs in parts of ten, as many as a client may have."""
    return [uris[start : start + 10] for start in range(0, len(uris), 10)]


class TestRedirectURI:
    @rfc("6749", "3.1.2.2", "MUST", "clients register where they are redirected to")
    def test_is_registered_as_it_is(self, api, user):
        caller = api(user)
        for uris in tens(GOOD):
            response = caller.post(PATH, {"redirect_uris": uris})
            assert response.status_int == 201
            assert response.json["redirect_uris"] == uris

    @rfc("9700", "2.6", "MUST NOT", "plain http and script URIs are not registered")
    @rfc("6749", "3.1.2", "MUST NOT", "a redirect URI has no fragment")
    @rfc("6749", "3.1.2", "MUST", "a redirect URI is absolute")
    @rfc("3986", "2", "MUST", "what is no URI isn't registered")
    def test_that_leads_astray_is_refused(self, api, user):
        caller = api(user)
        for uris in tens(BAD):
            response = caller.post(PATH, {"redirect_uris": uris})
            names = [f"redirect_uris.{number}" for number in range(len(uris))]
            assert response.json == invalid(**dict.fromkeys(names, REDIRECT)), uris

    def test_holds_no_control_characters(self, api, user):
        response = api(user).post(PATH, {"redirect_uris": CONTROLS})
        assert response.status_int == 422
        names = {error["name"] for error in response.json["errors"]}
        assert names == {f"redirect_uris.{number}" for number in range(len(CONTROLS))}


class TestLimits:
    @pytest.mark.parametrize(
        ("field", "value", "name", "description"),
        [
            ("client_type", "x", "", "Must be one of public, confidential."),
            ("redirect_uris", ["https://a.b/"] * 2, "", TWICE),
            (
                "grant_types",
                ["password"],
                ".0",
                "Must be one of authorization_code, refresh_token, client_credentials.",
            ),
            (
                "token_endpoint_auth_method",
                "none",
                "",
                "Must be one of client_secret_basic, client_secret_post.",
            ),
        ],
    )
    def test_of_a_field(self, api, user, field, value, name, description):
        response = api(user).post(PATH, {field: value})
        assert response.status_int == 422
        assert response.json == invalid(**{field + name: description})
