"""Checks whether the database has the schema that the code needs."""

import logging
from collections.abc import Iterable, Set

from alembic.script import ScriptDirectory
from alembic.util import CommandError, to_tuple

from apiserver.histories import add_every_history
from apiserver.prepare import without_histories

log = logging.getLogger(__name__)


class Schema:
    """The revisions that the code knows, and those that it needs.

    It needs one, and one more for each feature with its own history.
    """

    def __init__(self, ini: str | None) -> None:
        try:
            config = without_histories(ini)
            switched_off = add_every_history(config)
            scripts = ScriptDirectory.from_config(config)
            # The revisions that precede each one, or on which it depends.
            self.below = {
                each.revision: {
                    *to_tuple(each.down_revision, ()),
                    *to_tuple(each.dependencies, ()),
                }
                for each in scripts.walk_revisions()
            }
            self.known = set(self.below)
            heads = set(scripts.get_heads()) - switched_off
            implied = [self.reached(self.below[head]) for head in heads]
            self.heads = heads.difference(*implied)
        except CommandError as error:
            log.warning("The schema was not checked: %s", error)
            self.heads, self.known, self.below = set(), set(), {}

    def is_behind(self, revisions: Set[str]) -> bool:
        """Whether the database lacks a migration that the code needs.

        Unknown revisions are newer than the code: migrations precede new code, and keep
        what old code needs (docs/migrations.md).
        """
        return revisions <= self.known and not self.reached(revisions) >= self.heads

    def reached(self, revisions: Iterable[str]) -> set[str]:
        """Return the revisions, with all that precede them.

        The version table may omit one on which another depends.
        """
        found, left = set(revisions), list(revisions)
        while left:
            more = self.below.get(left.pop(), set()) - found
            found |= more
            left += more
        return found
