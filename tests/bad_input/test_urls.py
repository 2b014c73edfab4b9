"""Bad input: URLs, headers and methods that no endpoint takes."""

import re

import pytest

from tests.bad_input.endpoints import ENDPOINTS, of_each_method
from tests.problems import problem

pytestmark = pytest.mark.usefixtures("unchanged")

PATHS = sorted({endpoint.path for endpoint in ENDPOINTS})
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Files have a limit of their own, and types of their own.
NO_FILES = [endpoint for endpoint in ENDPOINTS if not endpoint.takes_file]
WITH_IDS = [endpoint for endpoint in ENDPOINTS if "{" in endpoint.path]
READING = [e for e in ENDPOINTS if e.method in ("GET", "OPTIONS")]
JSON = "application/json"

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

NO_LENGTHS = [
    "-1",
    "+5",
    "5.0",
    "1e3",
    "0x10",
    "five",
    "5,5",
    "\xb2",
    "9" * 19,
    "9" * 5000,
]

CHARSETS = ["bogus", "latin1", "utf-16", "", "utf-8x", "'utf-8'", "\xff"]

NO_TOKENS = [
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Bearer \xff\xfe",
    "bearer apa_" + "x" * 51,
    "Bearer " + "x" * 65_536,
    "Bearer a b c",
]

UNKNOWN_METHODS = ["TRACE", "CONNECT", "PUT", "FOO", "get", "POST\xff", "", "*"]

JUNK = "\xff\x01\"'=;, \\" + "x" * 65_536

JUNK_HEADERS = (
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Cookie",
    "Date",
    "Expect",
    "Forwarded",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Origin",
    "Range",
    "Referer",
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Request-Id",
)


def answer(response):
    """Return the status and the sentence, after a look at the whole document."""
    assert response.content_type == "application/problem+json"
    assert response.json == problem(response.status_int)
    return response.status_int, response.json["detail"]


@pytest.mark.parametrize("endpoint", of_each_method(NO_FILES), ids=str)
class TestRequest:
    def test_for_a_junk_url_is_refused(self, send, endpoint):
        answers = {more: answer(send(endpoint, more)) for more, _ in URLS}
        assert answers == {more: (400, detail) for more, detail in URLS}

    def test_with_a_bad_length_is_refused(self, send, endpoint):
        sent = {"body": b"{}", "content_type": JSON}
        answers = [
            answer(send(endpoint, **sent, headers={"Content-Length": length}))
            for length in NO_LENGTHS
        ]
        assert set(answers) == {(400, "Content-Length is not a number.")}

    def test_in_another_charset_is_refused(self, send, endpoint):
        types = [f"{JSON}; charset={charset}" for charset in CHARSETS]
        answers = [answer(send(endpoint, body=b"{}", content_type=t)) for t in types]
        assert set(answers) == {(400, "The charset must be UTF-8.")}

    def test_of_2_mib_is_refused(self, send, endpoint):
        response = send(endpoint, body=b"x" * 2**21, content_type=JSON)
        assert answer(response) == (413, "The body is longer than 1048576 bytes.")

    def test_with_a_token_that_is_none_is_refused(self, send, endpoint):
        answers = [
            answer(send(endpoint, headers={"Authorization": credentials}))
            for credentials in NO_TOKENS
        ]
        assert set(answers) == {(401, "The access token is invalid.")}


@pytest.mark.parametrize("endpoint", READING, ids=str)
class TestHeader:
    def test_that_is_junk_is_ignored(self, send, endpoint):
        response = send(endpoint, headers=dict.fromkeys(JUNK_HEADERS, JUNK))
        # A file is no version that junk could name.
        expected = {412} if endpoint.sends_file else {200, 204}
        assert response.status_int in expected


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


@pytest.mark.parametrize("path", PATHS)
class TestMethod:
    def test_that_nobody_knows_is_not_allowed(self, caller, ids, path):
        methods = {e.method for e in ENDPOINTS if e.path == path}
        methods |= {"HEAD"} if "GET" in methods else set()
        allowed = ", ".join(sorted(methods))
        for method in UNKNOWN_METHODS:
            response = caller.call(method, caller.prefix + path.format_map(ids(path)))
            assert answer(response) == (405, f"Allowed methods: {allowed}.")
            assert response.headers["Allow"] == allowed
