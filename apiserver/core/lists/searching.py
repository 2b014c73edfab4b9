"""The filter for words of a text."""

from collections.abc import Sequence

import colander

from apiserver.core.db.searching import WORD, WordBeginnings, has_words
from apiserver.core.lists.columns import Column
from apiserver.core.lists.filters import ListFilter
from apiserver.core.schemas.fields import Text

LONGEST_SEARCH = 100
MOST_WORDS = 10


def words_in(text: str) -> Sequence[str]:
    return WORD.findall(text)


def some_words(node: colander.SchemaNode, text: str) -> None:
    """Refuse a text without words, which finds nothing, and one of too many."""
    count = len(words_in(text))
    if not count:
        raise colander.Invalid(node, "Must have a word to search for.")
    if count > MOST_WORDS:
        raise colander.Invalid(node, f"Must have at most {MOST_WORDS} words.")


def search(*columns: Column) -> ListFilter:
    """Leave the rows where words of the columns begin with each of the given words.

    In upper or lower case, in any order, in any of the columns, which are of one table
    with one column as its key. PostgreSQL finds them by the ``search_index`` of the
    same columns in the same order, in a time that grows with those that it finds.
    SQLite looks at all rows that the other filters leave; there the words may begin
    inside of others, and only the letters of ASCII are the same in upper and lower
    case.
    """
    names = " or ".join(f"`{column.key}`" for column in columns)
    about = (
        f"Only objects with words in {names} that begin with these, in any order, "
        f"ignoring case; up to {MOST_WORDS} words."
    )
    node = Text(1, LONGEST_SEARCH, some_words, description=about, field=columns[0].key)
    searched = [column.expression for column in columns]
    return ListFilter(
        node, WordBeginnings(), lambda words: has_words(words, searched), words_in
    )
