"""The options of a command: a schema says which there are, and validates them.

They are read as the fields of a form are, so a command takes and refuses what the API
does, with the same sentences.
"""

import argparse
import re
from typing import Any

import colander
from webob.multidict import MultiDict

from apiserver.core.http import ApiError
from apiserver.core.schemas import (
    BooleanType,
    ListType,
    Object,
    StringType,
    read_text,
    shorten,
    validated,
)

_PLAIN = re.compile(r"[\w.@+-]+")


class Name(colander.SchemaNode):
    """The name of something stored, perhaps before today's rules."""

    schema_type = StringType


def flag_of(node: colander.SchemaNode) -> str:
    """Return the option of a field, such as ``--redirect-uri``."""
    flag: str = getattr(node, "option", "") or f"--{node.name.replace('_', '-')}"
    return flag


def add_options(parser: argparse.ArgumentParser, schema: type[Object]) -> None:
    """Add an option for each field of the schema."""
    for node in schema().children:
        flag = flag_of(node)
        kind: dict[str, Any] = {
            "action": "append",
            "metavar": flag.rpartition("-")[2].upper(),
        }
        if isinstance(node.typ, BooleanType):
            kind = {"action": "store_true"}
        about = node.description
        if isinstance(node.typ, ListType):
            about += " May be repeated."
        parser.add_argument(flag, dest=node.name, help=about.replace("%", "%%"), **kind)


def read(schema: type[Object], options: argparse.Namespace) -> dict[str, object]:
    """Return the validated values; raise ValidationFailed with all that is wrong."""
    node = schema()
    form = MultiDict(
        (child.name, value)
        for child in node.children
        for value in given(options, child.name)
    )
    values: dict[str, object] = validated(node, "options", read_text(node, form))
    return values


def given(options: argparse.Namespace, name: str) -> list[str | bool]:
    """Return what the command line has for a field: texts, or True for a flag."""
    value = getattr(options, name, None)
    return value if isinstance(value, list) else [True] if value else []


def sentences(
    error: ApiError, schema: type[Object], options: argparse.Namespace
) -> list[str]:
    """Return what is wrong, a sentence for each mistake, by the options' names."""
    flags = {node.name: flag_of(node) for node in schema().children}
    found = []
    for each in error.members.get("errors", ()):
        name, _, place = each["name"].partition(".")
        values = given(options, name)
        values = values[int(place) :][:1] if place else values
        shown = f" {quoted(str(values[0]))}" if len(values) == 1 else ""
        found.append(f"{flags.get(name, name)}{shown}: {each['description']}")
    return found or [error.detail]


def quoted(text: str) -> str:
    """Return a text as a sentence may hold it: in quotes where it needs them."""
    short = shorten(text)
    return short if _PLAIN.fullmatch(short) else repr(short)
