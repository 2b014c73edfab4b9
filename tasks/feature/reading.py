"""Parse and check the option ``--fields``.

``number:text due_on:date? status:choice(open,paid)``: names and types, with ``?`` for
nullable ones.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from apiserver.core.db import Base, Timestamped
from apiserver.core.lists import PageQuery
from tasks.feature import kinds
from tasks.feature.advice import LONGEST, meant
from tasks.feature.arguments import FORMS, BadType, split
from tasks.feature.fields import Field
from tasks.feature.kinds import KINDS, Kind
from tasks.feature.names import KEYWORDS, BadName, Names, camel, shown
from tasks.feature.places import Place, listed

MOST = 20
LONGEST_NAME = 40
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# Commas and spaces inside parentheses belong to the arguments.
_FIELD = re.compile(r"(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+")
_PARTS = re.compile(
    r"(?P<name>[^:]+):(?P<type>[^:()?]+)(?:\((?P<arguments>.*)\))?(?P<null>\??)"
)
_ARGUMENTS = re.compile(r"([a-z]+)(?:\(([^()]*)\))?")
# Names used in the body of a model's class, and those that make it an entity.
USED = {"sa", "dt", "mapped_column", "self", "str", "int", "float", "bool", "tuple"}
# The last words in the names of the schemas' own classes.
CLASSES = {"summary", "fields", "detail", "create", "patch", "permission", "resource"}
# Fields of every object, and parameters of every list.
OWN = {"id", "created", "updated"}
OF_LISTS = {*(node.name for node in PageQuery().children), "sort", "created"}
EXAMPLE = 'name them as in --fields="number:text due_on:date? status:choice(open,paid)"'
TYPES = (*KINDS, "list", "set", "ref")


def read(
    given: str, names: Names, places: Mapping[str, Place], below: Place | None
) -> tuple[Field, ...]:
    """Return the option's fields. Raises BadName, which says how to write them."""
    try:
        return fields_of(given, names, places, below)
    except BadName as error:
        better = meant(given, TYPES, places)
        if better == given or len(better) > LONGEST:
            raise
        try:
            fields_of(better, names, places, below)
        except BadName:
            raise error from None
        raise BadName(error.reason, f'write --fields="{better}"') from None


def fields_of(
    given: str, names: Names, places: Mapping[str, Place], below: Place | None
) -> tuple[Field, ...]:
    texts = _FIELD.findall(given)
    if not texts:
        raise BadName(f"{shown(given)} are no fields", EXAMPLE)
    if "".join("".join(texts).split()) != "".join(given.split()):
        raise BadName(f"{shown(given)} has half a pair of parentheses", EXAMPLE)
    if len(texts) > MOST:
        raise BadName(f"{len(texts)} fields are too many", f"name at most {MOST}")
    fields = tuple(field_of(each, names, places) for each in texts)
    check_together(fields, names, below)
    return fields


def field_of(given: str, names: Names, places: Mapping[str, Place]) -> Field:
    """Return the field that a text like ``due_on:date?`` describes. Raises BadName."""
    found = _PARTS.fullmatch(given)
    if found is None:
        name = given.rstrip(":?")
        if _NAME.fullmatch(name):
            rule = f"write {name}:text, or another type, with no space in between"
            raise BadName(f"The field {shown(name)} has no type", rule)
        raise BadName(f"{shown(given)} is no field", EXAMPLE)
    name, null = found["name"], bool(found["null"])
    check_name(name, names)
    arguments = split(found["arguments"])
    if found["type"] == "ref":
        return reference(name, arguments, places, nullable=null)
    kind = kind_of(given, name, found["type"], arguments)
    enum = f"{names.class_name}{camel(name)}" if kind.words else ""
    return Field(name, kind, null, enum)


def check_name(name: str, names: Names) -> None:
    """Raise BadName if a field can't have the name."""
    if not _NAME.fullmatch(name):
        rule = "use lowercase letters, digits and single underscores, a letter first"
        raise BadName(f"{shown(name)} is no name of a field", rule)
    if name in KEYWORDS:
        cure = f"choose another name, for example {names.singular}_{name}"
        raise BadName(f"{name} is a Python keyword, and no name of a field", cure)
    if len(name) > LONGEST_NAME:
        rule = f"use at most {LONGEST_NAME} characters"
        raise BadName(f"The field {shown(name)} is too long", rule)


def kind_of(given: str, name: str, kind: str, arguments: tuple[str, ...]) -> Kind:
    """Return the type of a field. Raises BadName."""
    words = name.replace("_", " ")
    if kind not in TYPES:
        known = f"use one of {', '.join(TYPES)}"
        raise BadName(f"{name} has the unknown type {shown(kind)}", known)
    try:
        if kind in {"list", "set"}:
            return several(kind, words, arguments)
        return KINDS[kind](words, arguments)
    except BadType:
        null = "?" * given.endswith("?")
        form, rule = form_of(kind, arguments)
        reason = f"The field {name} can't be {shown(given.partition(':')[2])}"
        raise BadName(reason, f"write {name}:{form}{null}{rule}") from None


def form_of(kind: str, arguments: tuple[str, ...]) -> tuple[str, str]:
    """Return how a type is written, and a description of its arguments."""
    if kind in FORMS:
        form, rule = FORMS[kind]
        return form, f": {rule}"
    if kind not in {"list", "set"}:
        return kind, ", without parentheses"
    inner = ",".join(arguments).partition("(")[0]
    if inner in kinds.ITEMS and "(" in ",".join(arguments):
        form, rule = form_of(inner, ())
        return f"{kind}({form})", rule
    return f"{kind}(text)", f", or of another type: {', '.join(kinds.ITEMS)}"


def several(kind: str, words: str, arguments: tuple[str, ...]) -> Kind:
    item = _ARGUMENTS.fullmatch(",".join(arguments))
    if item is None or item[1] not in kinds.ITEMS:
        raise BadType
    return kinds.several(kind, kinds.ITEMS[item[1]](words, split(item[2])))


def reference(
    name: str,
    arguments: tuple[str, ...],
    places: Mapping[str, Place],
    *,
    nullable: bool,
) -> Field:
    """Return the field for the id of another feature's object."""
    feature = ",".join(arguments)
    place = places.get(feature)
    if place is None:
        reason = f"The field {name} can't refer to {shown(feature)}"
        on = f"of one that is switched on: {listed(places)}"
        raise BadName(reason, f"write {name}:ref(…) {on}")
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
    """Raise BadName if names already mean something else, or occur twice."""
    queries: list[str] = []
    for field in fields:
        check_meaning(field, names, below)
        filters = [query for query, _ in field.filters("")]
        for query in OF_LISTS.intersection(filters):
            reason = f"The list would have two parameters {query}"
            raise BadName(reason, f"choose another name than {field.name}")
        queries += filters
    check_once("fields", [field.name for field in fields])
    check_once("filters", queries)


def check_meaning(field: Field, names: Names, below: Place | None) -> None:
    """Raise BadName if a field's name already means something else."""
    name, own = field.name, {*OWN, below.key if below else "owner_id"}
    taken = {*dir(Base), *dir(Timestamped), *USED, *own, f"{names.singular}_id"}
    if name in own:
        reason = f"Every {names.words} has {name} anyway"
        raise BadName(reason, f"leave it out, or {other_name(name, names, taken)}")
    if name in {*taken, names.singular, names.plural}:
        reason = f"The name {name} means something else in the feature"
        raise BadName(reason, other_name(name, names, taken))
    place = field.refers_to
    if below and place and place.above & below.keys and place.nearest not in below.keys:
        reason = f"No test could make the object to which {name} refers"
        cure = f"write it by hand, as Reference({place.item.__name__})"
        raise BadName(reason, cure)
    if field.enum and name in CLASSES:
        reason = f"{field.enum} would have two meanings"
        raise BadName(reason, f"choose another name than {name}")


def check_once(what: str, found: Iterable[str]) -> None:
    """Raise BadName if two have the same name."""
    for name, times in Counter(found).items():
        if times > 1:
            reason = f"Two {what} would be called {name}"
            raise BadName(reason, "choose different names")


def other_name(name: str, names: Names, taken: set[str]) -> str:
    """Return advice on a name that is taken."""
    example = f"{names.singular}_{name}"
    is_free = example not in taken and len(example) <= LONGEST_NAME
    return f"choose another one{f', for example {example}' if is_free else ''}"
