"""Which redirect URI a request means, and what of it reaches a page's policy."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apiserver.auth.browser import is_registered, may_be_registered
from tests.auth.test_client_fields import BAD, GOOD

# Pure functions: a thousand examples take a second, the same ones in every run.
many = settings(max_examples=300, deadline=None, database=None, derandomize=True)

REGISTERED = (
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


@st.composite
def near(draw: st.DrawFn) -> tuple[str, str]:
    """A registered URI, and one that comes of it by a few cuts and insertions."""
    known = draw(st.sampled_from(REGISTERED))
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
        assert [uri for uri in BAD if is_registered(uri, [uri], native=True)] == []
        known = ["https://x.example"]
        found = [u for u in GOOD if is_registered(u, [*known, u], native=False)]
        assert found == GOOD

    @pytest.mark.parametrize("known", ["http://127.0.0.1/cb", "http://[::1]/cb", "x"])
    def test_is_not_what_lies_behind_junk(self, known):
        uri = "http://127.0.0.1:5000/cb"
        found = is_registered(uri, [known, "é", "http://[::1"], native=True)
        assert found == (known == "http://127.0.0.1/cb")
