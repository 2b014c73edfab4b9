"""One walk through all objects that have versions: ETag, If-None-Match, If-Match.

Which do, and how they are patched, the document says (RFC 9110 section 13).
"""

from typing import Any, NamedTuple

import pytest

from tests.contract.places import make_place
from tests.contract.walk import body_of, paths
from tests.problems import problem

rfc = pytest.mark.rfc

CHANGED = problem(412, "The object has changed since it was read.")
OTHER = '"other"'


class Versioned(NamedTuple):
    """An object whose version is known, and a patch that changes it.

    ``methods`` are those that take ``If-Match``; only of a file GET does.
    """

    client: Any
    connection: Any
    path: str
    etag: str
    patch: Any
    methods: list[str]
    is_file: bool

    def get(self, method: str = "GET", **headers: str) -> Any:
        return self.client.call(method, self.client.prefix + self.path, headers=headers)

    def write(self, method: str, version: str | None, body: Any = None) -> Any:
        headers = {"If-Match": version} if version else {}
        body = {"json": body or self.patch} if method == "PATCH" else {}
        path = self.client.prefix + self.path
        return self.client.call(method, path, headers=headers, **body)

    def undone(self, method: str, version: str, body: Any = None) -> Any:
        """Return the answer to a request whose changes are undone."""
        with self.connection.begin_nested() as savepoint:
            response = self.write(method, version, body)
            savepoint.rollback()
        return response


def changed(patch: Any, document: Any) -> Any:
    """Return the patch of an example, so that it changes the document."""
    *tests, last = patch
    current = document.get(last["path"].strip("/"))
    if last["value"] == current:
        last = {**last, "value": other(current)}
    return [*tests, last]


def other(value: Any) -> Any:
    """Return another value of the kind; of an object, one part of it is another one."""
    match value:
        case bool():
            return not value
        case dict():
            name, part = next(iter(value.items()))
            return {**value, name: other(part)}
        case list():
            return [other(value[0]), *value[1:]]
    return f"{value}s"


OBJECTS = [
    path
    for path, item in paths().items()
    if "304" in item.get("get", {}).get("responses", {})
]


@pytest.fixture
def versioned(request, api, connection, db, make_user):
    path, item = request.param, paths()[request.param]
    admin = make_user("admin")
    client, place = api(admin), make_place(db, path, admin, None)
    url = path.format(**place.keys)
    read = client.get(url)
    patch = None
    if "patch" in item:
        patch = changed(body_of(item["patch"], place)["json"], read.json)
    methods = [
        method.upper()
        for method, operation in item.items()
        if method in {"patch", "delete"} and "412" in operation["responses"]
    ]
    is_file = "206" in item["get"]["responses"]
    etag = read.headers["ETag"]
    return Versioned(client, connection, url, etag, patch, methods, is_file)


@pytest.mark.parametrize("versioned", OBJECTS, indirect=True)
class TestVersion:
    @rfc("9110", "8.8.3", "SHOULD", "a representation has a strong entity tag")
    @rfc("9110", "13.1.2", "MUST", "GET of a known version: 304; of another: in full")
    @rfc("9110", "15.4.5", "MUST", "304 has ETag, Cache-Control and Vary")
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_that_is_known_is_304(self, versioned, method):
        full, etag = versioned.get(method), versioned.etag
        for known in (etag, "*", f"{OTHER}, {etag}", f"W/{etag}"):
            answer = versioned.get(method, **{"If-None-Match": known})
            assert (answer.status_int, answer.body) == (304, b"")
            for name in ("ETag", "Cache-Control", "Vary"):
                assert answer.headers[name] == full.headers[name]
        assert etag.startswith('"')
        another = versioned.get(method, **{"If-None-Match": OTHER})
        assert (another.status_int, another.headers["ETag"]) == (200, etag)
        asked = versioned.get(method, **{"If-Match": OTHER})
        assert asked.status_int == (412 if versioned.is_file else 200)

    @rfc("9110", "13.1.1", "MUST", "a change of this version is made")
    def test_that_is_current_can_be_changed(self, versioned):
        for method in versioned.methods:
            for current in (versioned.etag, "*", f"{OTHER}, {versioned.etag}"):
                answer = versioned.undone(method, current)
                assert answer.status_int == (200 if method == "PATCH" else 204)
                assert answer.headers.get("ETag") != versioned.etag

    @rfc("5789", "2.2", "MUST", "a change of another version is refused: 412")
    @rfc("9110", "13.1.1", "MUST", "a change of another version is refused: 412")
    @rfc("9110", "13.1.1", "MUST NOT", "weak tags don't match")
    def test_that_is_another_can_not_be_changed(self, versioned):
        before = versioned.get().body
        for method in versioned.methods:
            for version in (OTHER, f"W/{versioned.etag}"):
                assert versioned.write(method, version).json == CHANGED
        assert versioned.get().body == before

    @rfc("9110", "13.1.1", "MUST", "of two changes of a version one is made")
    def test_that_is_stale_is_another(self, versioned):
        if versioned.patch is None:
            return
        changed = versioned.write("PATCH", None)
        read = versioned.get(**{"If-None-Match": versioned.etag})
        assert (read.status_int, read.json) == (200, changed.json)
        assert read.headers["ETag"] == changed.headers["ETag"] != versioned.etag
        for method in versioned.methods:
            assert versioned.write(method, versioned.etag).json == CHANGED
        assert versioned.get().json == changed.json

    def test_is_looked_at_after_the_values(self, versioned):
        if versioned.patch is not None:
            assert versioned.write("PATCH", OTHER, [{}]).status_int == 422
