"""The types of fields: what each is as a column, in JSON, in lists and in tests.

Everything is Python source, for the templates. ``example``, ``other``, which sorts
after it, and ``wrong``, with its error message, are JSON values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from apiserver.core.schemas import Choice, Decimal, Text, Url, Whole
from tasks.feature.arguments import (
    LARGEST_JSON,
    LARGEST_WHOLE,
    LONGEST_TEXT,
    LONGEST_URL,
    MOST_DIGITS,
    SHORTEST_URL,
    SMALLEST_JSON,
    BadType,
    check_words,
    none,
    numbers,
)

LONGEST_EMAIL = 120
# Much longer values don't fit in PostgreSQL's indexes.
LONGEST_SORTED = 200
MOST_ITEMS = 20

Wrong = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Kind:
    """One type of a field, with its arguments.

    ``hint`` is the type in ``Mapped[…]``, ``column`` the column's type if that doesn't
    determine it, ``node`` the schema's field. ``filters`` are those of lists.
    """

    hint: str
    node: str
    example: str
    other: str
    wrong: Wrong
    column: str = ""
    filters: tuple[str, ...] = ()
    is_sorted: bool = False
    is_text: bool = False
    words: tuple[str, ...] = ()
    refers_to: str = ""


BOUNDS = ("from", "until")
EQUAL = ("equals",)


def quoted(text: str) -> str:
    return f'"{text}"'


def most_characters(longest: int) -> str:
    return f"Must be at most {longest} character{'s' * (longest > 1)} long."


def text(words: str, arguments: tuple[str, ...]) -> Kind:
    (longest,) = numbers(arguments, (50,), 2, LONGEST_TEXT)
    example = quoted(f"First {words}"[:longest].strip())
    return Kind(
        "str",
        f"{Text.__name__}(1, {longest}, blank=False, example={example}",
        example,
        quoted(f"Second {words}"[:longest].strip()),
        (
            ('""', "Must be at least 1 character long."),
            (f'"x" * {longest + 1}', most_characters(longest)),
            ('" "', "Must not be only whitespace."),
            ("1", "Must be a string."),
        ),
        column=f"sa.String({longest})",
        is_sorted=longest <= LONGEST_SORTED,
        is_text=True,
    )


def email(words: str, arguments: tuple[str, ...]) -> Kind:
    none(arguments)
    return Kind(
        "str",
        'Email(example="ada@example.com"',
        '"ada@example.com"',
        '"grace@example.com"',
        (('"nobody"', "Must be an email address."), ("1", "Must be a string.")),
        column=f"sa.String({LONGEST_EMAIL})",
        is_sorted=True,
        is_text=True,
    )


def url(words: str, arguments: tuple[str, ...]) -> Kind:
    (longest,) = numbers(arguments, (200,), SHORTEST_URL, LONGEST_URL)
    sentence = "Must be a URL of http or https, such as https://example.com/path."
    return Kind(
        "str",
        f"{Url.__name__}({longest}",
        '"https://example.com/path"',
        '"https://example.com/other"',
        (('"example.com"', sentence), ("1", "Must be a string.")),
        column=f"sa.String({longest})",
        is_text=True,
    )


def choice(words: str, arguments: tuple[str, ...]) -> Kind:
    check_words(arguments)
    refusal = f"Must be one of {', '.join(arguments)}."
    return Kind(
        "",
        f"{Choice.__name__}(",
        quoted(arguments[0]),
        quoted(arguments[1]),
        (('"-"', refusal), ("1", "Must be a string.")),
        filters=("one_of",),
        words=arguments,
    )


def flag(words: str, arguments: tuple[str, ...]) -> Kind:
    none(arguments)
    wrong = (('"yes"', "Must be true or false."),)
    return Kind("bool", "Flag(", "True", "False", wrong, filters=EQUAL)


def whole(words: str, arguments: tuple[str, ...]) -> Kind:
    limit = LARGEST_WHOLE
    least, greatest = numbers(arguments, (0, 1_000_000_000), -limit, limit)
    if least >= greatest:
        raise BadType
    return Kind(
        "int",
        f"{Whole.__name__}({least:_}, {greatest:_}, example={least:_}",
        f"{least:_}",
        f"{least + 1:_}",
        (
            (f"{least - 1:_}", f"Must be at least {least}."),
            (f"{greatest + 1:_}", f"Must be at most {greatest}."),
            ('"many"', "Must be an integer."),
        ),
        filters=BOUNDS,
        is_sorted=True,
    )


def number(words: str, arguments: tuple[str, ...]) -> Kind:
    none(arguments)
    return Kind(
        *("float", "Number(", "0.5", "1.5", (('"much"', "Must be a number."),)),
        filters=BOUNDS,
        is_sorted=True,
    )


def decimal(words: str, arguments: tuple[str, ...]) -> Kind:
    digits, places = numbers(arguments, (12, 2), 0, MOST_DIGITS)
    if not 0 <= places <= digits or not digits:
        raise BadType
    first, second = (
        f"{n if digits > places else 0}" + f".{n}{'0' * (places - 1)}" * bool(places)
        for n in (1, 2)
    )
    most = f"Must have at most {places} digit{'s' * (places != 1)} behind the point."
    refusal = 'Must be a decimal number in a string, such as "10.50".'
    return Kind(
        "Decimal",
        f"{Decimal.__name__}({digits}, {places}",
        quoted(first),
        quoted(second),
        ((quoted(f"0.{'1' * (places + 1)}"), most), ("1", refusal)),
        column=f"ExactNumeric({digits}, {places})",
        filters=BOUNDS,
        is_sorted=True,
    )


def clock(
    hint: str, node: str, example: str, other: str, refusal: str, *, is_sorted: bool
) -> Callable[[str, tuple[str, ...]], Kind]:
    """Return a function that makes a date or time type, which has no arguments."""

    def make(words: str, arguments: tuple[str, ...]) -> Kind:
        none(arguments)
        return Kind(
            *(hint, f"{node}(", quoted(example), quoted(other)),
            (('"x"', refusal), ("1", refusal)),
            filters=BOUNDS if is_sorted else EQUAL,
            is_sorted=is_sorted,
        )

    return make


moment = clock(
    *("dt.datetime", "Moment"),
    *("2026-03-01T12:00:00+00:00", "2026-03-02T12:00:00+00:00"),
    "Must be a datetime, such as 2026-03-01T12:00:00Z.",
    is_sorted=True,
)
date = clock(
    *("dt.date", "Date", "2026-03-01", "2026-03-02"),
    "Must be a date, such as 2026-03-01.",
    is_sorted=True,
)
time = clock(
    *("dt.time", "Time", "12:30:00", "13:30:00"),
    "Must be a time of day without an offset, such as 12:30 or 12:30:00.",
    is_sorted=True,
)
duration = clock(
    *("dt.timedelta", "Duration", "P1DT2H30M0S", "P2D"),
    "Must be a duration in weeks, days or shorter units, such as P1DT2H30M.",
    is_sorted=True,
)
uuid = clock(
    *("UUID", "Uuid"),
    *("123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174001"),
    "Must be a UUID, such as 123e4567-e89b-12d3-a456-426614174000.",
    is_sorted=False,
)


def json(words: str, arguments: tuple[str, ...]) -> Kind:
    (most,) = numbers(arguments, (16_384,), SMALLEST_JSON, LARGEST_JSON)
    deep = "Must be nested at most 8 levels deep."
    long = f"Must be at most {most} bytes long."
    return Kind(
        *("Any", f"FreeJson({most:_}", '{"colour": "red"}', '{"colour": "blue"}'),
        (("[[[[[[[[[1]]]]]]]]]", deep), (f'"x" * {most:_}', long)),
        column="JsonDocument",
    )


# The types of items in lists and sets.
ITEMS: Mapping[str, Callable[[str, tuple[str, ...]], Kind]] = {
    "text": text,
    "email": email,
    "url": url,
    "choice": choice,
    "whole": whole,
    "number": number,
    "decimal": decimal,
    "moment": moment,
    "date": date,
    "time": time,
    "uuid": uuid,
}
KINDS = {**ITEMS, "flag": flag, "duration": duration, "json": json}


def several(name: str, item: Kind) -> Kind:
    """Return the type of a list or set of items."""
    twice = f"[{item.example}, {item.example}]"
    distinct: Wrong = ((twice, "Must not contain duplicate items."),)
    many = f"Must have at most {MOST_ITEMS} items."
    return replace(
        item,
        hint=f"tuple[{item.hint}, ...]",
        node=f"{name.capitalize()}({item.node}",
        example=f"[{item.example}]",
        other=f"[{item.other}, {item.example}]",
        wrong=(
            ('"x"', "Must be a list."),
            (f"[{item.example}] * {MOST_ITEMS + 1}", many),
            *(distinct if name == "set" else ()),
        ),
        column=f"ListOf({item.hint})",
        filters=(),
        is_sorted=False,
        is_text=False,
    )
