"""Bad input: JSON Patches that are malformed, or lead to what is not acceptable.

What is malformed, which pointers lead nowhere, and what can't be read or written, is
said of any patch by ``tests/core/test_jsonpatch*.py``.
"""

import colander
import pytest

from tests.bad_input.endpoints import (
    ENDPOINTS,
    fields,
    readable,
    sample,
    wrong_values,
)
from tests.factories import PASSWORD
from tests.patches import op, replace
from tests.problems import invalid, problem

pytestmark = pytest.mark.usefixtures("unchanged")

PATCHING = [endpoint for endpoint in ENDPOINTS if endpoint.patched is not None]

NO_FIELDS = ["", "/id", "/nonsense"]


def confirmed(endpoint, *operations):
    """Return the operations, after the test of the password where one is needed."""
    if "current_password" not in {node.name for node in endpoint.patched}:
        return list(operations)
    return [op("test", "/current_password", value=PASSWORD), *operations]


@pytest.fixture
def refused(send, endpoint):
    """A function that sends an operation after a fine change, and sees it refused."""
    field = readable(endpoint.patched)[0]

    def check(operation):
        patch = confirmed(endpoint, replace(field.name, sample(field)), operation)
        assert names(send(endpoint, json=patch)) == [str(len(patch) - 1)], operation

    return check


def names(response):
    """Return what is blamed; the document is looked at as a whole."""
    assert response.status_int == 422
    errors = response.json["errors"]
    detail = "Some values are invalid."
    assert response.json == problem(422, detail, errors=errors)
    assert {error["location"] for error in errors} == {"body"}
    return [error["name"] for error in errors]


@pytest.mark.parametrize("endpoint", PATCHING, ids=str)
class TestPatch:
    def test_that_is_malformed_is_refused(self, send, endpoint):
        assert names(send(endpoint, json={})) == [""]
        assert names(send(endpoint, json=[{}])) == ["0"]

    @pytest.mark.rfc("5789", "2", "MUST", "a patch is done whole or not at all")
    def test_of_what_is_no_field_is_refused(self, refused, endpoint):
        known = f"/{readable(endpoint.patched)[0].name}"
        for pointer in NO_FIELDS:
            refused(op("add", pointer, value=1))
            refused(op("copy", known, source=pointer))

    def test_to_a_wrong_value_is_refused(self, send, endpoint):
        for field in fields(endpoint.patched):
            for value in wrong_values(field):
                change = replace(field.name, value)
                response = send(endpoint, json=confirmed(endpoint, change))
                blamed = {name.split(".")[0] for name in names(response)}
                assert blamed == {field.name}, value

    def test_that_removes_what_is_required_is_refused(self, send, endpoint):
        required = [
            field
            for field in fields(endpoint.patched)
            # Of a field that may be null, null is what is left.
            if field.missing is colander.required
            if not getattr(field, "nullable", False)
        ]
        for field in required:
            patch = confirmed(endpoint, op("remove", f"/{field.name}"))
            response = send(endpoint, json=patch)
            assert response.json == invalid(**{field.name: "Is required."})

    def test_with_a_failing_test_changes_nothing(self, send, endpoint):
        for field in readable(endpoint.patched):
            value = sample(field)
            # For Python True is 1, and False is 0.
            alike = [int(value)] if isinstance(value, bool) else []
            for other in ({"not": "this"}, *alike):
                test = op("test", f"/{field.name}", value=other)
                patch = confirmed(endpoint, replace(field.name, value), test)
                number = len(patch) - 1
                detail = f"The test in operation {number} failed; nothing was changed."
                assert send(endpoint, json=patch).json == problem(409, detail)


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
