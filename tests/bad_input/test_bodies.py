"""Bad input: bodies that are no JSON, no form, or not of a type that is taken."""

import pytest

from apiserver.core.http import JSON
from apiserver.core.schemas.patch import JSON_PATCH
from tests.bad_input.endpoints import ENDPOINTS, of_each_method
from tests.problems import problem

pytestmark = pytest.mark.usefixtures("unchanged")

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

TOO_DEEP = [
    b"[" * depth + b"]" * depth
    for depth in (33, 100, 900, 990, 1000, 1023, 1024, 100_000)
] + [b'{"a":' * 500 + b"1" + b"}" * 500]

TWICE = [b'{"a":1,"a":1}', b'[{"op":"test","op":"add"}]', b'{"b":{"a":1,"\\u0061":2}}']

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
    def test_that_is_none_is_refused(self, send, endpoint):
        expected = {body[:40]: 400 for body in NO_JSON}
        assert statuses(send, endpoint, NO_JSON) == expected

    def test_that_is_nested_too_deeply_is_refused(self, send, endpoint):
        assert set(statuses(send, endpoint, TOO_DEEP).values()) == {400}

    def test_with_a_name_twice_is_refused(self, send, endpoint):
        assert set(statuses(send, endpoint, TWICE).values()) == {400}


@pytest.mark.parametrize("endpoint", TAKING_BODIES, ids=str)
class TestType:
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
