"""JSON Patch: secret fields, which are only written, and virtual ones, only tested."""

import pytest

from apiserver.core.http import ValidationFailed
from apiserver.core.schemas import Patch
from tests.core.accounts import CONFIRMED, ENTITY, Account, apply, errors_of


class TestSecretField:
    @pytest.mark.parametrize("op", ["add", "replace"])
    def test_can_be_written(self, op):
        change = {"op": op, "path": "/password", "value": "new"}
        assert apply(change) == {"password": "new"}

    def test_can_be_written_from_another_field(self):
        change = {"op": "copy", "path": "/password", "from": "/name"}
        assert apply(change) == {"password": "Ada"}

    def test_stays_when_it_is_not_written(self):
        assert apply({"op": "replace", "path": "/name", "value": "Eve"}) == {
            "name": "Eve"
        }

    def test_is_validated(self):
        with pytest.raises(ValidationFailed) as raised:
            apply({"op": "replace", "path": "/password", "value": ""})
        error = ("body", "password", "Must be at least 1 character long.")
        assert raised.value.errors == (error,)

    def test_can_not_be_removed(self):
        with pytest.raises(ValidationFailed) as raised:
            apply({"op": "remove", "path": "/password"})
        assert raised.value.errors == (("body", "password", "Is required."),)

    @pytest.mark.parametrize(
        "operation",
        [
            {"op": "test", "path": "/password", "value": "old"},
            {"op": "test", "path": "/password/0", "value": "o"},
            {"op": "copy", "path": "/name", "from": "/password"},
            {"op": "move", "path": "/name", "from": "/password"},
            {"op": "copy", "path": "/name", "from": "/password/0"},
            {"op": "copy", "path": "/password", "from": "/password"},
        ],
        ids=str,
    )
    def test_can_not_be_read(self, operation):
        sentence = "The field password can't be read."
        assert errors_of([operation]) == (("body", "0", sentence),)

    @pytest.mark.parametrize("op", ["add", "replace", "remove"])
    def test_has_nothing_inside(self, op):
        with pytest.raises(ValidationFailed) as raised:
            apply({"op": op, "path": "/password/value", "value": "x"})
        sentence = "Can't be applied: its path does not exist."
        assert raised.value.errors == (("body", "0", sentence),)


class TestVirtualField:
    def test_is_tested_for_the_view(self):
        change = {"op": "replace", "path": "/name", "value": "Eve"}
        patch = Patch(Account(), [CONFIRMED, change])
        assert patch.tested == {"current_password": "old"}
        assert patch.written == {"name"}
        assert patch.apply(ENTITY) == {"name": "Eve"}

    def test_may_follow_other_tests(self):
        test = {"op": "test", "path": "/name", "value": "Ada"}
        assert Patch(Account(), [test, CONFIRMED]).tested == {"current_password": "old"}

    @pytest.mark.parametrize("op", ["add", "replace", "remove", "move", "copy"])
    def test_can_not_be_written(self, op):
        operation = {
            "op": op,
            "path": "/current_password",
            "value": "x",
            "from": "/name",
        }
        sentence = "The field current_password can only be tested."
        assert errors_of([operation]) == (("body", "0", sentence),)

    @pytest.mark.parametrize("op", ["move", "copy"])
    def test_can_not_be_read(self, op):
        operation = {"op": op, "path": "/name", "from": "/current_password"}
        sentence = "The field current_password can't be read."
        assert errors_of([operation]) == (("body", "0", sentence),)

    def test_has_nothing_inside(self):
        operation = {**CONFIRMED, "path": "/current_password/0"}
        sentence = "The field current_password can only be tested."
        assert errors_of([operation]) == (("body", "0", sentence),)

    @pytest.mark.parametrize(
        "first",
        [{"op": "replace", "path": "/name", "value": "Eve"}, CONFIRMED],
        ids=["after a change", "twice"],
    )
    def test_is_tested_first_and_once(self, first):
        sentence = "The test of current_password must come first, and only once."
        assert errors_of([first, CONFIRMED]) == (("body", "1", sentence),)
