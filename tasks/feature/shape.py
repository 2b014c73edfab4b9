"""The structure of a feature, as the templates need it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from apiserver.core.tree import ADMIN, SIGNED_IN, USER, Role, who_may
from tasks.feature.fields import Field
from tasks.feature.kinds import BOUNDS, Kind
from tasks.feature.names import BadName, Names, variable, with_article
from tasks.feature.places import GLOBAL, Named, Place, named
from tasks.feature.statuses import part_of, table

# Where the names are that fields bring along.
OF_MODELS = {
    "Any": "from typing import Any",
    "Decimal": "from decimal import Decimal",
    "Enum": "from enum import Enum",
    "ExactNumeric": "from apiserver.core.db import ExactNumeric",
    "JsonDocument": "from apiserver.core.db import JsonDocument",
    "ListOf": "from apiserver.core.db import ListOf",
    "UUID": "from uuid import UUID",
    "dt": "import datetime as dt",
}
# In bytes, of a table, an index or a constraint of PostgreSQL.
LONGEST_IDENTIFIER = 63
# With which the lines of the templates still fit.
LONGEST_PATH = 74
_STRING = re.compile('"[^"]*"')


@dataclass(frozen=True)
class Shape:
    """A feature as it will be; ``given`` are its fields, where some are."""

    names: Names
    given: tuple[Field, ...] = ()
    below: Place | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it has only a title and an owner."""
        return not (self.given or self.below)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return self.given or (title(self.names),)

    @cached_property
    def head(self) -> Field:
        """The field that represents the object in lists: the first text."""
        texts = [field for field in self.fields if field.kind.is_text]
        return [*texts, *self.fields][0]

    @property
    def sorting(self) -> list[Field]:
        """The fields that sort the list, the head first; of texts no others."""
        others = [f for f in self.fields if f is not self.head and not f.kind.is_text]
        return [field for field in (self.head, *others) if field.kind.is_sorted]

    @property
    def indexes(self) -> list[tuple[str, ...]]:
        """The columns of each index of the list."""
        above = (self.below.key,) if self.below else ()
        sorts = [*(field.name for field in self.sorting), "created"]
        own = [above] if above else []
        return [(*key, "id") for key in (*own, *((*above, name) for name in sorts))]

    @property
    def identifiers(self) -> Iterator[str]:
        """Yield the names in the database: the table's, and those derived from it."""
        table = self.names.singular
        yield from (table, f"pk_{table}", f"{table}_id_seq")
        yield from (f"ix_{table}_{'_'.join(columns)}" for columns in self.indexes)
        key = self.below.key if self.below else "owner_id"
        yield from (f"fk_{table}_{key}", *([] if self.below else [f"ix_{table}_{key}"]))
        for field in self.references:
            yield from (f"fk_{table}_{field.name}", f"ix_{table}_{field.name}")

    def check(self) -> None:
        """Raise BadName if a name is too long for PostgreSQL, or a path for a line."""
        path = f"{self.path}{{{self.names.singular}_id}}"
        if len(path) > LONGEST_PATH:
            reason = f"The path {path} is longer than {LONGEST_PATH} characters"
            raise BadName(reason, "choose a shorter name, or a place less deep")
        for name in self.identifiers:
            if len(name) > LONGEST_IDENTIFIER:
                reason = (
                    f"{name} is longer than PostgreSQL's {LONGEST_IDENTIFIER} bytes"
                )
                raise BadName(reason, "choose a shorter name of the field")

    @property
    def references(self) -> list[Field]:
        return [field for field in self.fields if field.refers_to is not None]

    @property
    def siblings(self) -> list[Field]:
        """The references to objects that are below the same object as this one."""
        keys = self.below.keys if self.below else frozenset()
        fields = ((field, field.refers_to) for field in self.references)
        return [field for field, place in fields if place and place.nearest in keys]

    @property
    def filters(self) -> dict[str, str]:
        """The filters of the list: of a text for a part of it, and those of fields."""
        model, head = self.names.class_name, self.head
        column = f"{model}.{head.name}"
        first = {head.name: f"lists.contains({column})"} if head.kind.is_text else {}
        others = (each for field in self.fields for each in field.filters(model))
        return {**first, **dict(others)}

    @property
    def path(self) -> str:
        """The path of the collection."""
        return f"{self.below.path if self.below else ''}/{self.names.plural}/"

    @cached_property
    def writers(self) -> list[Named]:
        return [named(role) for role in self.below.writers] if self.below else []

    @cached_property
    def readers(self) -> list[Named]:
        """The roles that may only read what is below another object."""
        known = {each.role for each in self.writers}
        roles = self.below.readers if self.below else ()
        return [named(role) for role in roles if role not in known]

    @property
    def roles(self) -> list[Named]:
        return [*self.writers, *self.readers]

    @property
    def requires(self) -> list[str]:
        """The features that it requires."""
        places = [field.refers_to for field in self.references]
        found = {place.feature for place in (*places, self.below) if place}
        found |= {each.feature for each in self.roles if each.feature}
        return sorted(found if self.below else {*found, "users"})

    def models(self) -> list[str]:
        """Return the imports of the models module, of what fields are made of."""
        code = " ".join(field.mapped for field in self.fields)
        words = {*re.findall(r"\w+", _STRING.sub("", code))}
        words |= {"Enum"} if self.enums else set()
        lines = [line for word, line in OF_MODELS.items() if word in words]
        places = [field.refers_to for field in self.references]
        kinds = [place.model for place in (*places, self.below) if place]
        if not self.below:
            lines.append("from apiserver.users.models import User")
        return sorted({*lines, *map(importing, kinds)})

    def schemas(self) -> list[str]:
        """Return the imports of the schemas module, of what fields are made of."""
        code = " ".join(_STRING.sub("", field.node("")) for field in self.fields)
        words = {*re.findall(r"([A-Z]\w*)\(", code), "Id", "Moment", "Object"}
        places = [field.refers_to for field in self.references]
        models = f"apiserver.{self.names.plural}.models"
        return [
            *(f"from apiserver.core.schemas import {word}" for word in sorted(words)),
            *sorted({importing(place.item) for place in places if place}),
            *(f"from {models} import {enum.enum}" for enum in self.enums),
        ]

    def factories(self) -> list[str]:
        """Return the imports of the tests' factories, of what it refers to."""
        others = len(self.references) > len(self.siblings)
        makers = {"make_place": others, "make_below": bool(self.siblings)}
        models = [field.refers_to.model for field in self.siblings if field.refers_to]
        used = [name for name, is_used in makers.items() if is_used]
        lines = [f"from tests.contract.places import {name}" for name in used]
        return [*sorted({*map(importing, models)}), *lines]

    @property
    def enums(self) -> list[Field]:
        return [field for field in self.fields if field.enum]

    @property
    def local(self) -> list[Named]:
        """The roles that a caller has to be given: those of an object."""
        return [role for role in self.roles if role.constant not in GLOBAL]

    @property
    def actor(self) -> str:
        """The role of who may write in the tests; nothing where it is another kind."""
        roles = [role.role for role in self.writers if role in self.local]
        return roles[0] if roles else ""

    @property
    def parts(self) -> dict[str, str]:
        """The roles that a caller can be given, by how the tests call who has one."""
        return {part_of(each.role): each.role for each in reversed(self.local)}

    @property
    def only_local(self) -> bool:
        """Whether there are callers who may see but not change."""
        return all(role in self.local for role in self.writers)

    def allowed(self) -> str:
        """Return who may write, as words in a sentence."""
        if self.below is None:
            word = self.names.singular.replace("_", " ")
            return who_may([Role("", f"the owner of the {word}"), ADMIN])
        return who_may([*map(constant, self.writers), ADMIN])

    def creators(self) -> str:
        """Return who may create one, as words in a sentence."""
        return who_may([USER, ADMIN]) if self.below is None else self.allowed()

    @property
    def nullable(self) -> list[Field]:
        return [field for field in self.fields if field.nullable]

    @property
    def values(self) -> list[Field]:
        """The fields whose values are known before there are other objects."""
        return [field for field in self.fields if field.refers_to is None]

    def queries(self) -> list[tuple[str, bool, bool]]:
        """Return queries, and whether they leave the first and the second example."""
        found = []
        if self.head.kind.is_text:
            name, example = self.head.name, self.head.kind.example
            found.append((f'{{"{name}": {example.upper()}}}', True, False))
        for field in self.values:
            for each in field.kind.filters:
                late = each == "from"
                name = field.name + (f"_{each}" if each in BOUNDS else "")
                value = field.kind.other if late else field.kind.example
                value = value.lower() if field.kind.hint == "bool" else value
                found.append((f'{{"{name}": {in_query(value)}}}', not late, late))
        return found

    def quoted(self, text: str) -> str:
        """Return a string literal, as ruff formats it."""
        return json.dumps(text) if "'" in text or '"' not in text else repr(text)

    def statuses(self) -> str:
        """Return the table of the permission matrix."""
        owner = f"{self.names.singular}:owner"
        creating: list[str] = [USER]
        reading: list[str] = [SIGNED_IN]
        changing = [owner]
        if self.below is not None:
            creating = changing = [role.role for role in self.writers]
            reading = [role.role for role in self.roles]
        may = {"list": reading, "create": creating, "read": reading}
        return table({**may, "edit": changing, "delete": changing}, refers=self.refers)

    @property
    def refers(self) -> bool:
        """Whether creating one requires reading others, which takes another scope."""
        return bool(self.references)

    def context(self) -> dict[str, Any]:
        """Return what the templates write between ``<<`` and ``>>``, and ask for."""
        above = self.below.word if self.below else ""
        return {
            **self.names.context(),
            "shape": self,
            "below": self.below,
            "above": above,
            "a_above": with_article(above) if above else "",
            "allowed": self.allowed(),
            "creators": self.creators(),
            "head_node": variable(self.head.name),
        }


def title(names: Names) -> Field:
    """Return the default field, for a feature without given ones."""
    word = names.singular.replace("_", " ")
    kind = Kind(
        *("str", "Text(3, 50, blank=False", f'"First {word}"', '"Another title"', ()),
        column="sa.String(50)",
        is_sorted=True,
        is_text=True,
    )
    return Field("title", kind, nullable=False)


def in_query(source: str) -> str:
    """Return the source of a value in a query, where numbers and words are strings."""
    return source if source.startswith('"') else f'"{source}"'


def importing(thing: Any) -> str:
    return f"from {thing.__module__} import {thing.__name__}"


def constant(role: Named) -> Role:
    found: Role = getattr(__import__(role.module, fromlist=["*"]), role.constant)
    return found
