"""Bad input: URLs, headers and methods that no endpoint takes."""

import re

import pytest

from tests.bad_input.endpoints import ENDPOINTS
from tests.problems import problem

pytestmark = pytest.mark.usefixtures("unchanged")

PLACEHOLDER = re.compile(r"\{(\w+)\}")
# One of each path: what a key is doesn't depend on the method.
WITH_IDS = list({e.path: e for e in reversed(ENDPOINTS) if "{" in e.path}.values())
READING = [endpoint for endpoint in ENDPOINTS if endpoint.method == "GET"]
JSON, TEAMS = "application/json", "/api/v1/teams/"

# What is no key, although many a parser takes it for the number 1 or for some other.
NO_KEYS = [
    *("0", "-1", "+1", "01", "1.0", "1e0", "1_0", "0x1", "%201", "1%20", "1;v=1"),
    # An Arabic one, a wide one, a two in superscript.
    *("%D9%A1", "%EF%BC%91", "%C2%B2"),
    *("None", "null", "..", ".", "%2e%2e", "@@view", "*", "me.json"),
    *(str(2**63 - 1), str(2**63), str(2**64 + 1), "9" * 5000),
    *("%F0%9F%92%A9", "%0D%0A", "'%20OR%201=1--", "%25s"),
]

# What comes behind the path, and the answer.
URLS = [
    ("%ff", "The URL is not UTF-8."),
    ("%ed%a0%80", "The URL is not UTF-8."),
    ("%c0%80", "The URL is not UTF-8."),
    ("%00", "The URL contains a NUL character."),
    ("?x=%ff", "The URL is not UTF-8."),
    ("?%ed%a0%80=x", "The URL is not UTF-8."),
    ("?limit=%00", "The URL contains a NUL character."),
    ("?x=" + "x" * 10_240, "The query is longer than 8192 bytes."),
]

NO_LENGTHS = ["-1", "+5", "5.0", "1e3", "0x10", "five", "5,5", "\xb2"]
NO_LENGTHS += ["9" * 19, "9" * 5000]

COMPRESSED = "The body must not be compressed: send no Content-Encoding."
UNKNOWN_METHODS = ["TRACE", "CONNECT", "PUT", "FOO", "get", "POST\xff", "", "*"]

JUNK = "\xff\x01\"'=;, \\" + "x" * 65_536

JUNK_HEADERS = (
    *("Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Cookie"),
    *("Date", "Expect", "Forwarded", "If-Match", "If-Modified-Since", "If-None-Match"),
    *("If-Range", "If-Unmodified-Since", "Origin", "Range", "Referer", "User-Agent"),
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Request-Id"),
)


def answer(response):
    """Return the status and the sentence, after a look at the whole document."""
    assert response.content_type == "application/problem+json"
    assert response.json == problem(response.status_int)
    return response.status_int, response.json["detail"]


class TestRequest:
    """Refused before the endpoint is known, so that any will do."""

    @pytest.fixture
    def post(self, caller):
        def post(more="", **kw):
            sent = {"body": b"{}", "content_type": JSON, **kw}
            return answer(caller.call("POST", f"{TEAMS}{more}", **sent))

        return post

    def test_for_a_junk_url_is_refused(self, post):
        answers = {more: post(more) for more, _ in URLS}
        assert answers == {more: (400, detail) for more, detail in URLS}

    def test_with_a_bad_length_is_refused(self, post):
        answers = [post(headers={"Content-Length": length}) for length in NO_LENGTHS]
        assert set(answers) == {(400, "Content-Length is not a number.")}

    def test_with_a_compressed_body_is_refused(self, post, caller):
        for coding in ("gzip", "deflate", "br", "gzip, identity", "x"):
            headers = {"Content-Encoding": coding}
            assert post(headers=headers) == (415, COMPRESSED)
        response = caller.call("POST", TEAMS, body=b"{}", headers=headers)
        assert response.headers["Accept-Encoding"] == "identity"
        headers = {"Content-Encoding": "Identity"}
        assert caller.call("POST", TEAMS, json={}, headers=headers).status_int == 422

    def test_by_an_unknown_method_is_refused(self, caller):
        allowed = "GET, HEAD, OPTIONS, POST"
        for method in UNKNOWN_METHODS:
            response = caller.call(method, TEAMS)
            assert answer(response) == (405, f"Allowed methods: {allowed}.")
            assert response.headers["Allow"] == allowed


@pytest.mark.parametrize("endpoint", READING, ids=str)
class TestHeader:
    def test_that_is_junk_is_ignored(self, send, endpoint):
        response = send(endpoint, headers=dict.fromkeys(JUNK_HEADERS, JUNK))
        # A file is no version that junk could name; a project may answer with nothing.
        expected = 412 if endpoint.sends_file else 200 if response.body else 204
        assert response.status_int == expected


@pytest.mark.parametrize("endpoint", WITH_IDS, ids=str)
class TestKey:
    def test_of_no_object_is_not_found(self, caller, ids, endpoint):
        for name in PLACEHOLDER.findall(endpoint.path):
            paths = [
                endpoint.path.format_map({**ids(endpoint.path), name: key})
                for key in NO_KEYS
            ]
            answers = {
                path: answer(caller.call(endpoint.method, caller.prefix + path))[0]
                for path in paths
            }
            assert answers == dict.fromkeys(paths, 404)
