"""The target document of a JSON Patch, and the validation of its result."""

from collections import UserDict
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from enum import Enum

import colander
import orjson

from apiserver.core.http.errors import ValidationFailed
from apiserver.core.schemas.dump import compile_dump
from apiserver.core.schemas.types import deserialized, is_nullable
from apiserver.core.schemas.validation import refusal
from apiserver.core.typing import Fragment, Json

# Replaces a stored value that today's schema rejects, and a secret.
UNREADABLE = object()


class _Missing(Enum):
    """Replaces a secret in the document; an Enum, since copies of it are identical."""

    MISSING = "missing"


MISSING = _Missing.MISSING


# Raises colander.Invalid for the node.
Validator = Callable[[colander.SchemaNode, Json], None]


class UnreadableField(Exception):
    """A validator reads a field without a usable value."""


class Fields(UserDict[str, Json]):
    """The fields of an object; records the names of those that are read."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        super().__init__(values)
        self.seen: set[str] = set()

    def __getitem__(self, name: str) -> Json:
        self.seen.add(name)
        value = super().__getitem__(name)
        if value is UNREADABLE:
            raise UnreadableField(name)
        return value

    def __contains__(self, name: object) -> bool:
        self.seen.add(str(name))
        return super().__contains__(name)


def check_together(
    schema: colander.SchemaNode, values: Mapping[str, Json], touched: Set[str]
) -> None:
    """Run the validators of the whole object; raise ValidationFailed.

    Errors count only if the validator has read a changed field, and no unreadable one.
    """
    errors: list[tuple[str, str, str]] = []
    for validate in validators(schema):
        fields = Fields(values)
        try:
            validate(schema, fields)
        except UnreadableField:
            continue
        except colander.Invalid as invalid:
            if fields.seen & touched:
                errors += refusal("body", invalid).errors
    if errors:
        raise ValidationFailed(*errors)


def validators(schema: colander.SchemaNode) -> Iterable[Validator]:
    """Return the validators of the object as a whole, one by one."""
    if schema.validator is None:
        return ()
    each: Iterable[Validator] = getattr(
        schema.validator, "validators", (schema.validator,)
    )
    return each


def stored_value(field: colander.SchemaNode, value: Json) -> Json:
    """Return stored JSON for a validator, if its type is right."""
    if value is None and not is_nullable(field):
        value = colander.null
    try:
        return deserialized(typed(field), value)
    except colander.Invalid:
        return UNREADABLE


def typed(node: colander.SchemaNode) -> colander.SchemaNode:
    """Return a copy of the node that validates only types."""
    copied = node.clone()
    copied.validator = None
    copied.children = [typed(child) for child in node.children]
    return copied


def document_of(fields: Collection[colander.SchemaNode], entity: object) -> Fragment:
    """Return the fields of the entity as JSON, without its secrets."""
    readable = {
        field.name: dumped(field, getattr(entity, field.name))
        for field in fields
        if is_readable(field)
    }
    secret = [f.name for f in fields if not (is_readable(f) or is_virtual(f))]
    document: Fragment = orjson.loads(orjson.dumps(readable))
    return {**document, **dict.fromkeys(secret, MISSING)}


def field_at(
    field: colander.SchemaNode, parts: Iterable[str]
) -> colander.SchemaNode | None:
    """Return the node of a pointer into a field, or None."""
    node: colander.SchemaNode | None = field
    for part in parts:
        if node is not None and isinstance(node.typ, colander.Sequence):
            node = node.children[0]
        elif node is not None and isinstance(node.typ, colander.Mapping):
            node = next((child for child in node.children if child.name == part), None)
        else:
            return None
    return node


def as_stored(node: colander.SchemaNode | None, value: Json) -> Json:
    """Return JSON normalized as if stored, to compare values.

    Values that the types reject are unchanged.
    """
    if node is None or value is None or value is MISSING:
        return value
    if isinstance(node.typ, colander.Mapping) and isinstance(value, dict):
        nodes = {child.name: child for child in node.children}
        return {name: as_stored(nodes.get(name), each) for name, each in value.items()}
    if isinstance(node.typ, colander.Sequence) and isinstance(value, list):
        return [as_stored(node.children[0], each) for each in value]
    try:
        found = node.typ.deserialize(node, value)
    except colander.Invalid:
        return value
    return orjson.loads(orjson.dumps(compile_dump(node)(found)))


def completed(node: colander.SchemaNode | None, value: Json) -> Json:
    """Return a patched value with null for each nullable field that was removed.

    A field with a default gets that.
    """
    if node is None:
        return value
    if isinstance(node.typ, colander.Mapping) and isinstance(value, dict):
        nodes = {child.name: child for child in node.children}
        removed = [
            child.name
            for child in node.children
            if child.name not in value and child.required and is_nullable(child)
        ]
        kept = {name: completed(nodes.get(name), each) for name, each in value.items()}
        return {**kept, **dict.fromkeys(removed)}
    if isinstance(node.typ, colander.Sequence) and isinstance(value, list):
        return [completed(node.children[0], each) for each in value]
    return value


def is_readable(field: colander.SchemaNode) -> bool:
    return not getattr(field, "secret", False) and not is_virtual(field)


def is_virtual(field: colander.SchemaNode) -> bool:
    return bool(getattr(field, "virtual", False))


def dumped(field: colander.SchemaNode, value: Json) -> Json:
    """Serialize a stored value; a missing list or object is null."""
    return None if value is None else compile_dump(field)(value)
