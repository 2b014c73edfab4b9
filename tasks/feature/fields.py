"""The option ``--fields``: what an object of the feature has, read and checked.

``number:text due_on:date? status:choice(open,paid)``: names and types, ``?`` for what
may be null.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from apiserver.core.db import Base, Timestamped
from apiserver.core.lists import PageQuery
from tasks.feature import kinds
from tasks.feature.kinds import KINDS, BadType, Kind
from tasks.feature.names import KEYWORDS, BadName, Names, camel, shown
from tasks.feature.places import Place

MOST = 20
LONGEST_NAME = 40
# In bytes, of a table, an index or a constraint of PostgreSQL.
LONGEST_IDENTIFIER = 63
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# Commas and spaces inside of parentheses belong to the arguments.
_FIELD = re.compile(r"(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+")
_PARTS = re.compile(
    r"(?P<name>[^:]*):(?P<type>[a-z]+)(?:\((?P<arguments>.*)\))?(?P<null>\??)"
)
_ARGUMENTS = re.compile(r"([a-z]+)(?:\(([^()]*)\))?")
# What the class of a model uses inside of itself, and what makes an entity.
USED = {"sa", "dt", "mapped_column", "self", "str", "int", "float", "bool", "tuple"}
# With these words the schemas' own classes end.
CLASSES = {"summary", "fields", "detail", "create", "patch", "permission", "resource"}
# What the last word of a name stands for: due_on, paid_at, customer_id.
ENDS = {"on": "date", "at": "time", "id": ""}
EXAMPLE = 'name them as in --fields="number:text due_on:date? status:choice(open,paid)"'
KNOWN = f"use one of {', '.join([*KINDS, 'list', 'set', 'ref'])}"


class BadField(BadName):
    """No object can have this field; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Field:
    """A field, with all that the templates write of it."""

    name: str
    kind: Kind
    nullable: bool
    enum: str = ""
    refers_to: Place | None = None

    @property
    def words(self) -> str:
        return self.name.replace("_", " ")

    @property
    def hint(self) -> str:
        """What is mapped: an enum stands where there is no other name."""
        return self.kind.hint.replace("tuple[,", f"tuple[{self.enum},") or self.enum

    @property
    def mapped(self) -> str:
        """The attribute of the model."""
        null = " | None" if self.nullable else ""
        column = self.kind.column.replace("ListOf()", f"ListOf({self.enum})")
        arguments = [column] if column else []
        if self.refers_to is not None:
            gone = "SET NULL" if self.nullable else "CASCADE"
            key = f"{self.refers_to.model.__name__}.id"
            arguments = [f'sa.ForeignKey({key}, ondelete="{gone}")', "index=True"]
        if self.kind.hint == "Any":
            arguments.append(f"nullable={self.nullable}")
        made = f" = mapped_column({', '.join(arguments)})" if arguments else ""
        return f"{self.name}: Mapped[{self.hint}{null}]{made}"

    def node(self, noun: str) -> str:
        """The node of the schema, of an object that is called so."""
        start = self.kind.node
        if self.enum:
            start = start.replace("Choice(", f"Choice({self.enum}")
        if start.startswith(("List(", "Set(")):
            start += f"), {kinds.MOST_ITEMS}"
        about = f'description="{self.description(noun)}"'
        null = ", nullable=True, missing=None" if self.nullable else ""
        comma = "" if start.endswith("(") else ", "
        return f"{start}{comma}{about}{null})"

    def description(self, noun: str) -> str:
        """Return a sentence for the documentation, to begin with."""
        kind, _, rest = self.words.partition(" ")
        if rest and kind in {"is", "has"}:
            return f"Whether the {noun} {kind} {rest}."
        what, _, last = self.words.rpartition(" ")
        words = f"{what} {ENDS[last]}".strip() if what and last in ENDS else self.words
        return f"The {words} of the {noun}."

    def filters(self, model: str) -> Iterator[tuple[str, str]]:
        """Yield the filters of a list by their names, each as it is declared."""
        column = f"{model}.{self.name}"
        for each in self.kind.filters:
            if each == "from":
                yield f"{self.name}_from", f"lists.at_least({column})"
            elif each == "until":
                yield f"{self.name}_until", f"lists.at_most({column})"
            else:
                yield self.name, f"lists.{each}({column})"
        if self.nullable:
            yield f"{self.name}_missing", f"lists.is_null({column})"


def read(
    given: str, names: Names, places: Mapping[str, Place], below: Place | None
) -> tuple[Field, ...]:
    """Return the fields that the option says. Raises BadName."""
    texts = _FIELD.findall(given)
    if not texts or "".join("".join(texts).split()) != "".join(given.split()):
        raise BadField(f"{shown(given)} are no fields", EXAMPLE)
    if len(texts) > MOST:
        raise BadField(f"{len(texts)} fields are too many", f"name at most {MOST}")
    fields = tuple(field_of(each, names, places) for each in texts)
    check_together(fields, names, below)
    return fields


def field_of(given: str, names: Names, places: Mapping[str, Place]) -> Field:
    """Return the field that a text as ``due_on:date?`` says. Raises BadName."""
    found = _PARTS.fullmatch(given)
    if found is None:
        raise BadField(f"{shown(given)} is no field", EXAMPLE)
    name, null = found["name"], bool(found["null"])
    if not _NAME.fullmatch(name) or name in KEYWORDS:
        rule = "use lowercase letters, digits and single underscores, and no keyword"
        raise BadField(f"{shown(name)} is no name of a field", rule)
    if len(name) > LONGEST_NAME:
        rule = f"use at most {LONGEST_NAME} characters"
        raise BadField(f"The field {shown(name)} is too long", rule)
    arguments = arguments_of(found["arguments"])
    if found["type"] == "ref":
        return reference(name, arguments, places, nullable=null)
    kind = kind_of(name, found["type"], arguments)
    enum = f"{names.class_name}{camel(name)}" if kind.words else ""
    return Field(name, kind, null, enum)


def arguments_of(text: str | None) -> tuple[str, ...]:
    """Return what stands between parentheses, parted by commas outside of others."""
    if text is None:
        return ()
    parts = re.split(r",(?![^()]*\))", text)
    return tuple(part.strip() for part in parts)


def kind_of(name: str, kind: str, arguments: tuple[str, ...]) -> Kind:
    """Return the type of a field. Raises BadName."""
    words = name.replace("_", " ")
    try:
        if kind in {"list", "set"}:
            return several(kind, words, arguments)
        if kind not in KINDS:
            raise BadField(f"{name} has the unknown type {shown(kind)}", KNOWN)
        return KINDS[kind](words, arguments)
    except BadType as error:
        reason = f"The arguments of {name}:{kind} don't fit"
        cure = f"write {error}" if str(error) != "0 numbers" else "write none"
        raise BadField(reason, cure) from None


def several(kind: str, words: str, arguments: tuple[str, ...]) -> Kind:
    item = _ARGUMENTS.fullmatch(",".join(arguments))
    if item is None or item[1] not in kinds.ITEMS:
        raise BadType(f"one of {', '.join(kinds.ITEMS)}")
    inner = arguments_of(item[2])
    return kinds.several(kind, kinds.ITEMS[item[1]](words, inner))


def reference(
    name: str,
    arguments: tuple[str, ...],
    places: Mapping[str, Place],
    *,
    nullable: bool,
) -> Field:
    """Return the field that has the id of an object of another feature."""
    feature = ",".join(arguments)
    known = {key: place for key, place in places.items() if not place.above}
    place = known.get(feature)
    if place is None:
        reason = f"{name} can't refer to {shown(feature)}"
        raise BadField(reason, f"use one of {', '.join(known)}")
    column = name if name.endswith("_id") else f"{name}_id"
    refusal = "Is not the id of an object that you can see."
    kind = Kind(
        "int",
        f"Reference({place.item.__name__}",
        *("1", "1", (("2**62", refusal), ('"x"', "Must be an integer."))),
        filters=kinds.EQUAL,
        refers_to=feature,
    )
    return Field(column, kind, nullable, refers_to=place)


def check_together(fields: Iterable[Field], names: Names, below: Place | None) -> None:
    """Raise BadName where names mean something else already, or are there twice."""
    taken = {*dir(Base), *dir(Timestamped), *USED, "id"}
    taken |= {names.singular, names.plural, f"{names.singular}_id"}
    taken |= {below.key if below else "owner_id"}
    queries = [node.name for node in PageQuery().children] + ["sort", "created"]
    for field in fields:
        if field.name in taken:
            raise BadField(
                f"The name {field.name} means something else in the feature",
                f"choose another one, for example {names.singular}_{field.name}",
            )
        if field.enum and field.name in CLASSES:
            reason = f"{field.enum} would have two meanings"
            raise BadField(reason, f"choose another name than {field.name}")
        queries += [name for name, _ in field.filters("")]
    for what, found in (("fields", [f.name for f in fields]), ("filters", queries)):
        for name, times in Counter(found).items():
            if times > 1:
                reason = f"Two {what} would be called {name}"
                raise BadField(reason, "choose different names")
