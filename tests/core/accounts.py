"""A document with a secret and a virtual field, to patch."""

from types import SimpleNamespace
from typing import Any

import pytest

from apiserver.core.http import ValidationFailed
from apiserver.core.schemas import Flag, Object, Patch, Text


class Account(Object):
    name = Text(1, 20)
    flag = Flag()
    password = Text(1, 20, secret=True)
    current_password = Text(1, 20, virtual=True)


# Whoever reads the password of this entity fails.
ENTITY = SimpleNamespace(name="Ada", flag=True)
CONFIRMED = {"op": "test", "path": "/current_password", "value": "old"}


def errors_of(operations: Any) -> tuple[tuple[str, str, str], ...]:
    """Return what is wrong, found before any entity is there."""
    with pytest.raises(ValidationFailed) as raised:
        Patch(Account(), operations)
    return raised.value.errors


def apply(*operations: Any) -> dict[str, Any]:
    """Return what the operations change of the entity."""
    return Patch(Account(), list(operations)).apply(ENTITY)
