"""RFC 6902: JSON Patch, over the fields that may be patched."""

import pytest

rfc = pytest.mark.rfc

FIRST = "https://client.example.org/first"
SECOND = "https://client.example.org/second"
THIRD = "https://client.example.org/third"


@pytest.fixture
def patched(server, make_client, make_token, user):
    """A function that patches a client with two redirect URIs, and returns both."""
    client = make_client(user, redirect_uris=[FIRST, SECOND])
    path = f"/api/v1/auth/oauth2_clients/{client.client_id}"
    token = make_token(user, scopes=["auth:read", "auth:write"])

    def call(*operations):
        response = server.call("PATCH", path, token=token, json=operations)
        return response, server.call("GET", path, token=token).json()

    return call


def assert_unchanged(patched, status, *operations):
    """The patch is refused, and nothing of it was done."""
    replace = {"op": "replace", "path": "/redirect_uris", "value": [THIRD]}
    response, client = patched(replace, *operations)
    assert response.status_code == status, response.text
    assert client["redirect_uris"] == [FIRST, SECOND]


class TestOperation:
    @rfc("6902", "4", "MUST", "op is one of the six operations")
    @rfc("6902", "4.1", "MUST", "add inserts into an array, or appends to it")
    @rfc("6902", "4.2", "MUST", "remove takes the value away")
    @rfc("6902", "4.3", "MUST", "replace puts a value in the place of another")
    @rfc("6902", "4.4", "MUST", "move takes a value to another place")
    @rfc("6902", "4.6", "MUST", "test compares the value at its place")
    @pytest.mark.parametrize(
        ("operation", "uris"),
        [
            ({"op": "add", "path": "/redirect_uris/1", "value": THIRD}, "132"),
            ({"op": "add", "path": "/redirect_uris/-", "value": THIRD}, "123"),
            ({"op": "add", "path": "/redirect_uris/2", "value": THIRD}, "123"),
            ({"op": "add", "path": "/redirect_uris", "value": [THIRD]}, "3"),
            ({"op": "remove", "path": "/redirect_uris/0"}, "2"),
            ({"op": "replace", "path": "/redirect_uris/0", "value": THIRD}, "32"),
            ({"op": "replace", "path": "/redirect_uris", "value": []}, ""),
            (
                {"op": "move", "from": "/redirect_uris/0", "path": "/redirect_uris/1"},
                "21",
            ),
            ({"op": "test", "path": "/redirect_uris/1", "value": SECOND}, "12"),
            ({"op": "test", "path": "/redirect_uris", "value": [FIRST, SECOND]}, "12"),
            ({"op": "test", "path": "/enabled", "value": True}, "12"),
        ],
        ids=str,
    )
    def test_does_what_it_says(self, patched, operation, uris):
        response, client = patched(operation)
        assert response.status_code == 200, response.text
        by_number = {"1": FIRST, "2": SECOND, "3": THIRD}
        expected = [by_number[number] for number in uris]
        assert response.json()["redirect_uris"] == client["redirect_uris"] == expected

    @rfc("6902", "4.5", "MUST", "copy adds the value that is elsewhere")
    def test_copy_adds_the_value(self, patched):
        # A client has no URI twice: of the two, one has to go again.
        response, client = patched(
            {"op": "copy", "from": "/redirect_uris/0", "path": "/redirect_uris/-"},
            {"op": "test", "path": "/redirect_uris", "value": [FIRST, SECOND, FIRST]},
            {"op": "remove", "path": "/redirect_uris/0"},
        )
        assert response.status_code == 200
        assert client["redirect_uris"] == [SECOND, FIRST]

    @rfc("6902", "3", "MUST", "operations are applied one after the other")
    def test_operations_build_on_each_other(self, patched):
        response, client = patched(
            {"op": "remove", "path": "/redirect_uris/0"},
            {"op": "test", "path": "/redirect_uris/0", "value": SECOND},
            {"op": "add", "path": "/redirect_uris/0", "value": THIRD},
            {"op": "test", "path": "/redirect_uris", "value": [THIRD, SECOND]},
        )
        assert response.status_code == 200
        assert client["redirect_uris"] == [THIRD, SECOND]

    @rfc("6902", "4", "MUST", "members that aren't defined are ignored")
    def test_further_members_are_ignored(self, patched):
        operation = {"op": "remove", "path": "/redirect_uris/0", "value": 1, "x": 2}
        response, client = patched(operation)
        assert response.status_code == 200
        assert client["redirect_uris"] == [SECOND]


class TestRefusal:
    @rfc("6902", "4.6", "MUST", "a test of another value fails")
    @rfc("6902", "5", "MUST", "one failure, and nothing of the patch is done")
    @rfc("5789", "2.2", "SHOULD", "a conflict with what is stored: 409")
    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("/redirect_uris", [FIRST, SECOND]),
            ("/redirect_uris/0", FIRST),
            ("/redirect_uris/9", FIRST),
            ("/redirect_uris/-", FIRST),
            ("/enabled", False),
            ("/enabled", 1),
            ("/enabled", "true"),
            ("/enabled", None),
            ("/redirect_uris", {"0": THIRD}),
        ],
    )
    def test_failed_test_is_a_conflict(self, patched, path, value):
        test = {"op": "test", "path": path, "value": value}
        assert_unchanged(patched, 409, test)

    @rfc("6902", "4", "MUST", "op is one of the six operations")
    @pytest.mark.parametrize("op", ["", "Add", "merge", None, 1, ["add"], {}])
    def test_unknown_operation(self, patched, op):
        operation = {"op": op, "path": "/enabled", "value": True}
        assert_unchanged(patched, 422, operation)

    @rfc("6902", "4", "MUST", "an operation has op and path")
    @rfc("6902", "4.1", "MUST", "add, replace and test have a value")
    @rfc("6902", "4.4", "MUST", "move and copy have from")
    @pytest.mark.parametrize(
        "operation",
        [
            {},
            {"path": "/enabled", "value": True},
            {"op": "replace", "value": True},
            {"op": "replace", "path": "/enabled"},
            {"op": "add", "path": "/enabled"},
            {"op": "test", "path": "/enabled"},
            {"op": "move", "path": "/enabled"},
            {"op": "copy", "path": "/enabled", "value": True},
            {"op": "copy", "path": "/enabled", "from": None},
            {"op": "remove", "path": 1},
            {"op": "remove", "path": None},
            "remove",
            None,
            [],
        ],
        ids=str,
    )
    def test_incomplete_operation(self, patched, operation):
        assert_unchanged(patched, 422, operation)

    @rfc("6902", "4.2", "MUST", "what is removed or replaced exists")
    @rfc("6902", "4.4", "MUST", "what is moved or copied exists")
    @rfc("6902", "4.1", "MUST NOT", "an index is no greater than the array is long")
    @pytest.mark.parametrize(
        "operation",
        [
            {"op": "remove", "path": "/redirect_uris/2"},
            {"op": "replace", "path": "/redirect_uris/2", "value": FIRST},
            {"op": "add", "path": "/redirect_uris/9", "value": FIRST},
            {"op": "add", "path": "/enabled/x", "value": FIRST},
            {"op": "move", "from": "/redirect_uris/9", "path": "/redirect_uris/0"},
            {"op": "copy", "from": "/redirect_uris/9", "path": "/redirect_uris/0"},
            {"op": "move", "from": "/redirect_uris", "path": "/redirect_uris/0"},
        ],
        ids=str,
    )
    def test_nothing_at_its_place(self, patched, operation):
        assert_unchanged(patched, 422, operation)

    @rfc("6902", "5", "MUST", "one failure, and nothing of the patch is done")
    @rfc("5789", "2.2", "SHOULD", "an unacceptable result: 422")
    @pytest.mark.parametrize(
        "operation",
        [
            {"op": "remove", "path": "/enabled"},
            {"op": "replace", "path": "/enabled", "value": "x"},
            {"op": "add", "path": "/redirect_uris/-", "value": "javascript:x"},
            {"op": "replace", "path": "/redirect_uris", "value": None},
            {"op": "replace", "path": "/client_id", "value": "mine"},
            {"op": "replace", "path": "/first_party", "value": True},
            {"op": "add", "path": "/secret_digest", "value": "x"},
            {"op": "copy", "from": "/client_id", "path": "/redirect_uris/0"},
        ],
        ids=str,
    )
    def test_result_that_is_not_acceptable(self, patched, operation):
        assert_unchanged(patched, 422, operation)
