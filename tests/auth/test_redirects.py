"""Redirect URIs: which may be registered, and which of them a request means."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apiserver.auth.browser import is_registered, may_be_registered
from tests.problems import invalid

rfc = pytest.mark.rfc

PATH = "/auth/oauth2_clients/"
REDIRECT = "Must be an https URI without a fragment, or a loopback URI."

# What may be registered (RFC 9700 section 2.6, RFC 8252 section 7).
GOOD = f"""
    https://example.com https://example.com/cb https://example.com:8443/cb?a=b&c=d
    https://[2001:db8::1]/cb https://192.0.2.1:8443/cb https://xn--exmple-cua.com/cb
    http://127.0.0.1/cb http://127.0.0.1:8080/cb http://[::1]:8080/cb
    http://localhost:3000 https://example.com/a%2Fb;c=1,2/(d)*'!$&+@:~_-.
    https://a-b.1.Example.com:65535?a=?/b https://{"x" * 63}.example.com/cb
    com.example.app:/cb com.example.app://cb com.example.app:cb
    com.example.app:///cb?a=b https://example.com/{"x" * 480}
""".split()
# And what may not, by what is wrong with it.
BAD = {
    "http of another machine": """
        http://example.com/cb http://127.0.0.1.example.com/cb http://127.1/cb
        http://localhost.example.com/cb http://127.0.0.1@example.com/cb
        http://[0:0:0:0:0:0:0:1]/cb http://LOCALHOST/cb
    """,
    "a user": """
        https://user@example.com/cb https://user:password@example.com/cb
        com.example.app://user@cb https://example.com\\@example.org/cb
    """,
    "a fragment": """
        https://example.com/cb# https://example.com/cb#fragment https://example.com?a#b
    """,
    "characters": """
        https://example.com/cb\\ https://example.com/é https://example.com/<script>
        https://example.com/"onload=alert(1) https://example.com/{} https://x;sandbox/
        https://example.com/^|` https://example.com/%zz https://example.com/%
        https://example.com/[cb] com.example.app://x;y/cb
    """,
    "a port": """
        https://example.com:0/cb https://example.com:99999/cb https://example.com:port/cb
        https://example.com:/cb https://example.com:080/cb https://example.com:65536/cb
        https://example.com:+80/cb
    """,
    "a name of a host": f"""
        https://exämple.com/cb https://*/ https://*.example.com/cb https://a,b/
        https://'none'/ https://a'b/ https://$x/ https://x%3Bsandbox/
        https://ex%61mple.com/cb https://example_com/cb https://-example.com/cb
        https://example-.com/cb https://example..com/cb https://.example.com/cb
        https://example.com./cb https://{"x" * 64}.example.com/cb
        https://{"x." * 127}example/cb com.example.app://*/cb
    """,
    "an address": """
        https://192.0.2.256/cb https://192.0.2.01/cb https://192.0.2/cb
        https://3221225985/cb https://0xC0000201/cb https://192.0.2.0x1/cb
        https://[::g]/cb https://[fe80::1%25eth0]/cb https://[v1.x]/cb https://[]/cb
        https://[::1]x/cb https://[::1/cb
    """,
    "a part that is missing": """
        https:///cb https:example.com com.example.app: com.example.app:// .example:/cb
        https:// https: //example.com/cb /cb example.com
    """,
    "a scheme": """
        HTTPS://example.com/cb javascript:alert(1) JavaScript:alert(1)// vbscript:x
        data:text/html,x blob:https://example.com/x file:///etc/passwd about:blank
        ftp://example.com/cb myapp:/cb
    """,
}
SPACED = [
    " https://example.com/cb",
    "https://example.com/cb ",
    "https://example.com/c b",
]
ALL_BAD = [*SPACED, *(uri for text in BAD.values() for uri in text.split())]
# Characters that no text may hold are refused before the URI is looked at.
CONTROLS = [
    "https://example.com/cb\n",
    "https://example.com/c\tb",
    "https://a\0b",
    "https://a\x7f",
]

# Pure functions: a thousand examples take a second, the same ones in every run.
many = settings(max_examples=300, deadline=None, database=None, derandomize=True)

KNOWN = (
    "http://127.0.0.1/cb",
    "http://127.0.0.1:5000/cb?a=b",
    "http://[::1]:5000/",
    "http://[::1]",
    "http://localhost:5000/cb",
    "https://client.example.org/cb",
    "https://127.0.0.1:5000/cb",
    "com.example.app:/cb",
)

# What stands in a URI between its parts, and what attackers put there.
PIECES = """
    http https :// // / \\ ? # @ : ; * %2f é 127.0.0.1 [::1] localhost evil.example cb
    0 1 80 05000 5000 65535 65536 evil=1 . ..
"""
INSERTED = (
    st.sampled_from(["", "\n", " ", *PIECES.split()])
    | st.integers(-1, 70_000).map(str)
    | st.characters()
)


def tens(uris):
    """Return the URIs in parts of ten, as many as a client may have."""
    return [uris[start : start + 10] for start in range(0, len(uris), 10)]


class TestRegistration:
    @rfc("6749", "3.1.2.2", "MUST", "clients register where they are redirected to")
    def test_is_of_the_uri_as_it_is(self, api, user):
        caller = api(user)
        for uris in tens(GOOD):
            response = caller.post(PATH, {"redirect_uris": uris})
            assert response.json["redirect_uris"] == uris

    @rfc("9700", "2.6", "MUST NOT", "plain http and script URIs are not registered")
    @rfc("6749", "3.1.2", "MUST NOT", "a redirect URI has no fragment")
    @rfc("6749", "3.1.2", "MUST", "a redirect URI is absolute")
    @rfc("3986", "2", "MUST", "what is no URI isn't registered")
    def test_of_what_leads_astray_is_refused(self, api, user):
        caller = api(user)
        for uris in tens(ALL_BAD):
            response = caller.post(PATH, {"redirect_uris": uris})
            names = [f"redirect_uris.{number}" for number in range(len(uris))]
            assert response.json == invalid(**dict.fromkeys(names, REDIRECT)), uris
        response = caller.post(PATH, {"redirect_uris": CONTROLS})
        names = {error["name"] for error in response.json["errors"]}
        assert names == {f"redirect_uris.{number}" for number in range(len(CONTROLS))}


@st.composite
def near(draw: st.DrawFn) -> tuple[str, str]:
    """A registered URI, and one that comes of it by a few cuts and insertions."""
    known = draw(st.sampled_from(KNOWN))
    uri = known
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(uri)))
        end = draw(st.integers(start, min(len(uri), start + 5)))
        uri = uri[:start] + draw(INSERTED) + uri[end:]
    return known, uri


def means(uri: str, known: str) -> bool:
    """Whether taking known, and changing the port of a loopback, gives the URI."""
    if uri == known:
        return True
    for host in ("http://127.0.0.1", "http://[::1]"):
        if known.startswith(host) and uri.startswith(host):
            rest = re.sub(r"^:[0-9]+", "", known.removeprefix(host))
            port = uri.removeprefix(host).removesuffix(rest)
            return uri == f"{host}{port}{rest}" and (not port or is_port(port))
    return False


def is_port(text: str) -> bool:
    return bool(re.fullmatch(":[1-9][0-9]{0,4}", text)) and int(text[1:]) <= 65_535


class TestMeaning:
    @many
    @given(near())
    @example(("http://127.0.0.1/cb", "http://127.0.0.1:5000?evil=1/cb"))
    @example(("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb"))
    @example(("http://127.0.0.1/cb", "http://127.0.0.1:05000/cb"))
    @example(("http://127.0.0.1/cb", "http://127.0.0.1:/cb"))
    @example(("http://localhost:5000/cb", "http://localhost:5001/cb"))
    @example(("http://[::1]", "http://[::1]:9"))
    @example(("http://[::1]", "http://[::1]:9/"))
    def test_is_the_same_string_but_for_the_port_of_a_loopback(self, pair):
        known, uri = pair
        assert is_registered(uri, [known], native=True) == means(uri, known)
        assert is_registered(uri, [known], native=False) == (uri == known)

    @many
    @given(st.text(alphabet="htps:/?#[]@!$&'()*+,;=%.-_~xX019\\ \n\"é") | near())
    def test_of_what_may_be_registered_is_plain(self, found):
        uri = found if isinstance(found, str) else found[1]
        if may_be_registered(uri) and uri.startswith("https:"):
            assert re.fullmatch(
                r"https://([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]+)?([/?][!-~]*)?",
                uri,
            )

    def test_is_that_of_what_may_be_registered(self):
        assert [u for u in ALL_BAD if is_registered(u, [u], native=True)] == []
        known = ["https://x.example"]
        found = [u for u in GOOD if is_registered(u, [*known, u], native=False)]
        assert found == GOOD

    @pytest.mark.parametrize("known", ["http://127.0.0.1/cb", "http://[::1]/cb", "x"])
    def test_is_not_what_lies_behind_junk(self, known):
        uri = "http://127.0.0.1:5000/cb"
        found = is_registered(uri, [known, "é", "http://[::1"], native=True)
        assert found == (known == "http://127.0.0.1/cb")
