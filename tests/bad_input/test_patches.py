"""Bad input: JSON Patches that are malformed, or lead to what is not acceptable."""

import pytest

from tests.bad_input.endpoints import (
    ENDPOINTS,
    fields,
    has_inside,
    sample,
    wrong_values,
)
from tests.factories import PASSWORD
from tests.problems import problem

pytestmark = pytest.mark.usefixtures("unchanged")

PATCHING = [endpoint for endpoint in ENDPOINTS if endpoint.patched is not None]

NO_PATCHES = [
    None,
    {},
    "add",
    7,
    [None],
    [[]],
    ["add"],
    [{}],
    [{"op": "add"}],
    [{"op": "spam", "path": "/x", "value": 1}],
    [{"op": "test", "path": 1, "value": 1}],
    [{"op": {"a": 1}, "path": "/x", "value": 1}],
    [{"op": "add", "path": "/x" * 5000, "value": 1}],
    [{"op": "move", "path": "/x", "from": None}],
    [{"op": "test", "path": "", "value": {}}] * 101,
]

POINTERS = [
    "",
    "/",
    "//",
    "/-",
    "x",
    "/id",
    "/~",
    "/~2",
    "/nonsense",
    "/__class__",
    "/0",
]


def confirmed(endpoint, *operations):
    """Return the operations, after the test of the password where one is needed."""
    if "current_password" not in {node.name for node in endpoint.patched}:
        return list(operations)
    test = {"op": "test", "path": "/current_password", "value": PASSWORD}
    return [test, *operations]


def names(response):
    """Return what is blamed; the document is looked at as a whole."""
    assert response.status_int == 422
    errors = response.json["errors"]
    detail = "Some values are not acceptable."
    assert response.json == problem(422, detail, errors=errors)
    assert {error["location"] for error in errors} == {"body"}
    return [error["name"] for error in errors]


@pytest.mark.parametrize("endpoint", PATCHING, ids=str)
class TestPatch:
    def test_that_is_malformed_is_refused(self, send, endpoint):
        for patch in NO_PATCHES:
            index = "0" if isinstance(patch, list) and 1 <= len(patch) <= 100 else ""
            assert names(send(endpoint, json=patch)) == [index], patch

    @pytest.mark.parametrize("key", ["path", "from"])
    def test_of_what_is_no_field_is_refused(self, send, endpoint, key):
        name = fields(endpoint.patched)[0].name
        for pointer in POINTERS:
            for op in ("add", "remove", "replace", "move", "copy", "test"):
                if key == "from" and op not in ("move", "copy"):
                    continue
                operation = {
                    "op": op,
                    "path": f"/{name}",
                    "from": f"/{name}",
                    "value": 1,
                }
                patch = confirmed(endpoint, {**operation, key: pointer})
                assert names(send(endpoint, json=patch)) == [str(len(patch) - 1)]

    def test_to_a_wrong_value_is_refused(self, send, endpoint):
        for field in fields(endpoint.patched):
            for value in wrong_values(field):
                change = {"op": "replace", "path": f"/{field.name}", "value": value}
                response = send(endpoint, json=confirmed(endpoint, change))
                blamed = {name.split(".")[0] for name in names(response)}
                assert blamed == {field.name}, value

    def test_into_what_has_no_inside_is_refused(self, send, endpoint):
        for field in fields(endpoint.patched):
            if has_inside(field):
                continue
            for inside in ("x", "", "-1", "00", "9" * 5000, "0/0", "-/-"):
                path = f"/{field.name}/{inside}"
                for op in ("add", "replace", "remove"):
                    change = {"op": op, "path": path, "value": "x"}
                    patch = confirmed(endpoint, change)
                    assert names(send(endpoint, json=patch)) == [str(len(patch) - 1)]

    def test_with_a_failing_test_changes_nothing(self, send, endpoint):
        for field in fields(endpoint.patched):
            value = sample(field)
            change = {"op": "replace", "path": f"/{field.name}", "value": value}
            test = {"op": "test", "path": f"/{field.name}", "value": {"not": "this"}}
            patch = confirmed(endpoint, change, test)
            response = send(endpoint, json=patch)
            sentence = (
                f"The test of operation {len(patch) - 1} failed; nothing was changed."
            )
            assert response.status_int == 409
            assert response.json == problem(409, sentence)


@pytest.mark.parametrize("endpoint", PATCHING, ids=str)
def test_patch_of_no_operations_changes_nothing(send, endpoint, events):
    """It is a JSON Patch (RFC 6902 section 3)."""
    before = events()
    response = send(endpoint, json=[])
    assert response.status_int == 200
    reading = endpoint._replace(method="GET", schema=None)
    if any(str(each) == str(reading) for each in ENDPOINTS):
        assert response.json == send(reading).json
    assert response.json == send(endpoint, json=[]).json
    assert events() == before
