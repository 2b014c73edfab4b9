"""The filter that searches for words."""

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
    """Reject a text without words, which finds nothing, or with too many."""
    count = len(words_in(text))
    if not count:
        raise colander.Invalid(node, "Must have a word to search for.")
    if count > MOST_WORDS:
        raise colander.Invalid(node, f"Must have at most {MOST_WORDS} words.")


def search(*columns: Column) -> ListFilter:
    """Find the rows where each given word is the beginning of a word in the columns.

    Ignores case, and the order of words. The columns belong to one table, whose key is
    one column. PostgreSQL uses the ``search_index`` of the same columns in the same
    order; the time grows with the number of rows found. SQLite scans all rows that
    match the other filters, also finds text inside of words, and ignores case only in
    ASCII.
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
