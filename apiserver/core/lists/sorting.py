"""The parameter ``sort``: names of columns, separated by commas."""

from collections.abc import Iterable, Mapping, Sequence

import colander

from apiserver.core.lists.columns import Column, node_of
from apiserver.core.lists.orders import (
    DESCENDING,
    LONGEST,
    ListOrder,
    longest_cursor,
    longest_part,
)
from apiserver.core.schemas.fields import Checks, Choice, Field, Length
from apiserver.core.typing import Json

# How many columns may be given: each combination is another statement.
MOST_COLUMNS = 4

COMMA = ","


class WordsType(colander.Sequence):
    """Words in one text, separated by commas."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        return value if value is colander.null else tuple(value)

    def from_text(self, text: str) -> Json:
        return text.split(COMMA)


class Sort(Field):
    """The columns by which to sort a list; by default the ``usual`` ones."""

    distinct = True
    collection_format = "csv"

    def __init__(self, columns: Mapping[str, Column], usual: Sequence[str]) -> None:
        names, most = list(columns), most_columns(columns)
        word = Choice(*(sign + name for name in names for sign in ("", DESCENDING)))
        about = f"The sort order; `{DESCENDING}` reverses it."
        if most > 1:
            about = (
                f"The sort order: up to {most} of these, each column once. The second "
                f"one sorts what is equal by the first; `{DESCENDING}` reverses one."
            )
        validator = Checks(Length(1, most), known, once)
        super().__init__(
            WordsType(), word, validator=validator, missing=usual, description=about
        )


def most_columns(columns: Mapping[str, Column]) -> int:
    """Return by how many columns to sort at most, since cursors contain their values.

    Raises TypeError if the longest column doesn't fit.
    """
    longest = sorted(columns.values(), key=longest_part, reverse=True)[:MOST_COLUMNS]
    while longest and longest_cursor(longest) > LONGEST:
        longest.pop()
    if not longest:
        name = max(columns, key=lambda name: longest_part(columns[name]))
        raise TypeError(
            f"{name} is too long to sort by: cursors of up to {LONGEST} characters "
            f"have no place for its {columns[name].type.length}."
        )
    return len(longest)


def known(node: colander.SchemaNode, words: Sequence[str]) -> None:
    """Reject unknown columns."""
    choices = node.children[0].validator.choices
    if not set(words).issubset(choices):
        several = (
            ", or several with commas" if node.validator.validators[0].max > 1 else ""
        )
        raise colander.Invalid(node, f"Must be one of {', '.join(choices)}{several}.")


def once(node: colander.SchemaNode, words: Sequence[str]) -> None:
    """Reject duplicate columns."""
    if len({name_of(word) for word in words}) < len(words):
        raise colander.Invalid(node, "Must name each column once.")


def name_of(word: str) -> str:
    return word.removeprefix(DESCENDING)


def columns_of(
    by: Column, sort: Mapping[str, Column] | Iterable[Column]
) -> dict[str, Column]:
    """Return the columns to sort by, by name, beginning with the unique number.

    Raises TypeError if a column's values don't fit in a cursor.
    """
    columns = sort if isinstance(sort, Mapping) else {each.key: each for each in sort}
    for column in columns.values():
        node_of(column)
    return {by.key: by, **columns}


def order_of(
    by: Column, columns: Mapping[str, Column], words: Sequence[str]
) -> ListOrder:
    """Return the order for the words, with ``by`` as the tie-breaker.

    Its direction is that of the word before. Words after ``by`` are ignored.
    """
    keys: list[tuple[Column, bool]] = []
    for word in words:
        descending = word.startswith(DESCENDING)
        keys.append((columns[name_of(word)], descending))
        if keys[-1][0] is by:
            return ListOrder(*keys)
    return ListOrder(*keys, (by, descending))
