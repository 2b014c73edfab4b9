"""Validates values by a schema, and reports all errors."""

from collections.abc import Iterator, Mapping

import colander

from apiserver.core.http.errors import ValidationFailed
from apiserver.core.schemas.types import ListType
from apiserver.core.typing import Fragment, Json


def read_text(
    schema: colander.SchemaNode, values: Mapping[str, str | bytes]
) -> Fragment:
    """Convert the texts of a form or a query to JSON.

    A list is a repeated parameter.
    """
    document: Fragment = {}
    fields = {child.name: child for child in schema.children}
    for name, text in values.items():
        field = fields.get(name)
        if field is not None and isinstance(field.typ, ListType):
            document.setdefault(name, []).append(from_text(field.children[0], text))
            continue
        if name in document:
            raise ValidationFailed(
                (schema.name, shorten(name), "Is given more than once.")
            )
        document[name] = from_text(field, text)
    return document


def from_text(field: colander.SchemaNode | None, text: str | bytes) -> Json:
    """Convert a field to JSON; a file, or text that can't be, is unchanged."""
    convert = getattr(getattr(field, "typ", None), "from_text", None)
    return convert(text) if convert and isinstance(text, str) else text


def validated(schema: colander.SchemaNode, location: str, value: Json) -> Json:
    """Deserialize a value; raise ValidationFailed with all errors."""
    try:
        return schema.deserialize(value)
    except colander.Invalid as invalid:
        raise refusal(location, invalid) from None


def refusal(location: str, invalid: colander.Invalid) -> ValidationFailed:
    """Return the ValidationFailed for all errors of Colander."""
    return ValidationFailed(
        *(
            (location, shorten(name), description)
            for name, description in problems(invalid)
        )
    )


def problems(invalid: colander.Invalid, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted name of each invalid field, with its error."""
    if invalid.msg:
        for message in invalid.messages():
            text = message.interpolate() if hasattr(message, "interpolate") else message
            yield path, "Is required." if text == "Required" else text
    for child in invalid.children:
        name = str(
            child.pos if isinstance(invalid.node.typ, ListType) else child.node.name
        )
        yield from problems(child, f"{path}.{name}" if path else name)


def shorten(name: str) -> str:
    """Shorten a name from the client, to repeat it in an error."""
    return name if len(name) <= 80 else name[:79] + "…"
