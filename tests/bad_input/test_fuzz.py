"""Bad input: whatever Hypothesis can think of, at every endpoint."""

import json
from string import printable
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apiserver.core.http import FORM, JSON, MULTIPART
from apiserver.core.schemas import Object
from apiserver.core.schemas.patch import JSON_PATCH, OPERATIONS
from tests.bad_input.endpoints import ENDPOINTS, sample
from tests.factories import PASSWORD

# The fixtures are the same for all examples, which undo what they do; the examples are
# the same in every run.
fuzz = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.text(st.characters(codec=None), max_size=40)
numbers = st.integers() | st.integers(-(2**70), 2**70) | st.floats()
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=8,
)
# What a header or a URL can hold, on its way through a server.
latin = st.text(
    st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=80
)
headers = st.dictionaries(
    st.sampled_from(
        [
            *("Accept", "Authorization", "Content-Encoding", "Content-Type", "Cookie"),
            *("Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range"),
            *("Origin", "Range", "Transfer-Encoding"),
            *("X-Forwarded-For", "X-Forwarded-Proto"),
        ]
    ),
    latin,
    max_size=4,
)
media_types = st.sampled_from(
    [JSON, JSON_PATCH, FORM, MULTIPART, f"{MULTIPART}; boundary=x", "text/plain", ""]
)
queries = st.lists(
    st.tuples(
        st.sampled_from(["limit", "offset", "user_id", "client_id"]) | texts, texts
    ),
    max_size=4,
).map(
    lambda pairs: "&".join(
        f"{quote(a, errors='surrogatepass')}={quote(b, errors='surrogatepass')}"
        for a, b in pairs
    )
)


def endpoints(*methods):
    return st.sampled_from([e for e in ENDPOINTS if not methods or e.method in methods])


def bodies(endpoint):
    """Return a strategy for documents that are nearly those that are taken."""
    schema = endpoint.takes("body")
    if not isinstance(schema, Object):
        return values
    named = {child.name: values for child in schema.children}
    mutations = st.fixed_dictionaries({}, optional=named)
    return st.tuples(mutations, st.dictionaries(texts, values, max_size=1)).map(
        lambda pair: sample(schema) | pair[0] | pair[1]
    )


def patches(endpoint):
    """Return a strategy for patches that are nearly well-formed."""
    names = [child.name for child in endpoint.patched.children]
    ends = st.sampled_from(["", "/", "/0", "/-", "/x", "~1", "~0"]) | texts
    pointers = st.tuples(st.sampled_from(names), ends).map(lambda p: f"/{p[0]}{p[1]}")
    operation = st.fixed_dictionaries(
        {"op": st.sampled_from(OPERATIONS) | texts, "path": pointers | texts},
        optional={"value": values, "from": pointers | texts},
    )
    test = {"op": "test", "path": "/current_password", "value": PASSWORD}
    first = [test] if "current_password" in names else []
    return st.lists(operation, max_size=5).map(lambda operations: first + operations)


@pytest.fixture
def check(connection, caller, ids):
    """A function that sends a request, looks at the answer, and undoes what it did."""

    def send(method, path, **kw):
        with connection.begin_nested() as savepoint:
            known = ids(path.partition("?")[0].removeprefix(caller.prefix))
            response = caller.call(method, path.format_map(known), **kw)
            savepoint.rollback()
        if is_lost(response):
            # By an earlier request, of which the row was undone alone.
            return
        # What else an error is, the client compares with the document.
        assert response.status_int < 500

    return send


def is_lost(response):
    return response.status_int == 503 and "storage" in response.json["detail"]


def dumps(document):
    """Return JSON, or what Python takes for it: NaN and lone surrogates included."""
    return json.dumps(document).encode()


class TestEndpoint:
    @fuzz
    @given(data=st.data(), endpoint=endpoints("POST"))
    def test_takes_or_refuses_any_document(self, check, data, endpoint):
        document = data.draw(bodies(endpoint))
        path = f"/api/v1{endpoint.path}"
        check(endpoint.method, path, body=dumps(document), content_type=JSON)

    @fuzz
    @given(data=st.data(), endpoint=endpoints("PATCH"))
    def test_takes_or_refuses_any_patch(self, check, data, endpoint):
        patch = data.draw(patches(endpoint))
        path = f"/api/v1{endpoint.path}"
        check(endpoint.method, path, body=dumps(patch), content_type=JSON_PATCH)

    @fuzz
    @given(endpoint=endpoints(), body=st.binary(max_size=200), content_type=media_types)
    def test_takes_or_refuses_any_bytes(self, check, endpoint, body, content_type):
        path = f"/api/v1{endpoint.path}"
        check(endpoint.method, path, body=body, content_type=content_type)

    @fuzz
    @given(endpoint=endpoints(), headers=headers, query=queries)
    def test_takes_or_refuses_any_headers_and_query(
        self, check, endpoint, headers, query
    ):
        body = b"{}" if endpoint.schema is not None else b""
        path = f"/api/v1{endpoint.path}?{query}"
        check(endpoint.method, path, body=body, content_type=JSON, headers=headers)

    @fuzz
    @given(endpoint=endpoints(), segments=st.lists(st.binary(max_size=30), max_size=5))
    def test_finds_or_refuses_any_path(self, check, endpoint, segments):
        path = "/".join(quote(segment) for segment in segments)
        check(endpoint.method, f"/api/v1/{path}")
        check(endpoint.method, f"/{path}")

    @fuzz
    @given(method=st.text(printable, max_size=10), endpoint=endpoints())
    def test_takes_or_refuses_any_method(self, check, method, endpoint):
        check(method, f"/api/v1{endpoint.path}")
