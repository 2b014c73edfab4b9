"""Bad input: bodies that are no JSON, no form, or not of a type that is taken."""

import json

import pytest

from apiserver.core.http import JSON
from apiserver.core.schemas.patch import JSON_PATCH
from tests.bad_input.endpoints import ENDPOINTS, of_each_method
from tests.problems import problem

pytestmark = pytest.mark.usefixtures("unchanged")
rfc = pytest.mark.rfc

TAKING_BODIES = [e for e in ENDPOINTS if e.takes_json]

NO_JSON = [
    b"",
    b" ",
    b"x",
    b"{",
    b'{"a":1,}',
    b"{'a':1}",
    b'{"a":1}{"a":1}',
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":01}',
    b'{"a":1e999}',
    b'{"a":' + b"1" * 1000 + b"}",
    b"-" + b"9" * 5000,
    b'"\xff"',
    b'"\xed\xa0\x80"',
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\u00"',
    b'"\0"',
    b'\xef\xbb\xbf{"a":1}',
    '{"a":1}'.encode("utf-16"),
    b"[" * 100_000,
    b'{"a":' * 100_000,
]

LARGE = "The body has more than 1000 members."
DEEP = "The body is nested more than 32 levels deep."
TWICE = "The body has an object with a duplicate name."
INFINITE = "The body is not JSON: number is infinity when parsed as double."


def nested(depth):
    return b"[" * depth + b"]" * depth


def numbered(count):
    return json.dumps({f"name{number}": number for number in range(count)}).encode()


# What is beyond a limit, and what is just within, of which no field is known.
LIMITS = [
    *((nested(depth), DEEP) for depth in (33, 900, 1000)),
    *((nested(depth), LARGE) for depth in (1002, 100_000)),
    (nested(32), None),
    (b'{"a":' * 500 + b"1" + b"}" * 500, DEEP),
    (numbered(1001), LARGE),
    (numbered(1000), None),
    (json.dumps([[0] * 500, [0] * 499]).encode(), LARGE),
    (json.dumps([[0] * 499, [0] * 499]).encode(), None),
    (json.dumps({"a": "," * 2000}).encode(), None),
    (b'{"a":1e400}', INFINITE),
    (b'[{"value":' + b"9" * 5000 + b"}]", INFINITE),
    (b'{"a":1,"a":1}', TWICE),
    (b'[{"op":"test","op":"add"}]', TWICE),
    (b'{"b":{"a":1,"\\u0061":2}}', TWICE),
]

NO_TYPES = [
    None,
    "",
    "text/plain",
    "text/json",
    "application/json+x",
    "application/merge-patch+json",
    "application/octet-stream",
    "*/*",
    "json",
    "\xff/\xff",
    ";",
    "x" * 65_536,
]


def statuses(send, endpoint, bodies, content_type=JSON):
    """Return the status for each body, after a look at the documents."""
    answers = {}
    for body in bodies:
        response = send(endpoint, body=body, content_type=content_type)
        assert response.json == problem(response.status_int)
        answers[body[:40]] = response.status_int
    return answers


@pytest.mark.parametrize("endpoint", of_each_method(TAKING_BODIES), ids=str)
class TestJson:
    @rfc("5789", "2.2", "SHOULD", "a malformed document: 400")
    def test_that_is_none_is_refused(self, send, endpoint):
        expected = {body[:40]: 400 for body in NO_JSON}
        assert statuses(send, endpoint, NO_JSON) == expected

    @rfc("8259", "4", "SHOULD", "the names of an object are unique")
    @rfc("8259", "9", "MAY", "depth and strings are limited")
    def test_has_limits(self, send, endpoint):
        for body, sentence in LIMITS:
            response = send(endpoint, body=body, content_type=JSON)
            if sentence is None:
                assert response.status_int == 422, body[:40]
            else:
                assert response.json == problem(400, sentence), body[:40]


@pytest.mark.parametrize("endpoint", TAKING_BODIES, ids=str)
class TestType:
    @rfc("5789", "2.2", "SHOULD", "an unsupported document: 415")
    @rfc("5789", "3.1", "SHOULD", "415 says by Accept-Patch which types are taken")
    @rfc("9110", "15.5.16", "SHOULD", "415 says which types are taken")
    @rfc("9110", "8.3", "SHOULD", "content has a type, and is not guessed")
    def test_that_is_another_is_refused(self, send, endpoint):
        for content_type in NO_TYPES:
            response = send(endpoint, body=b"{}", content_type=content_type)
            name = "Accept-Patch" if endpoint.method == "PATCH" else "Accept-Post"
            taken = ", ".join(endpoint.schema.consumes)
            assert response.status_int == 415
            assert response.headers[name] == taken
            assert response.json == problem(
                415, f"The media type must be one of: {taken}."
            )


def test_json_patch_is_taken_where_something_is_patched():
    for endpoint in ENDPOINTS:
        assert (endpoint.method == "PATCH") == (
            endpoint.schema is not None and JSON_PATCH in endpoint.schema.consumes
        )
