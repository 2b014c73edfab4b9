"""Whether the database has the schema that the code needs."""

import logging
from collections.abc import Iterable, Set

from alembic.script import ScriptDirectory
from alembic.util import CommandError, to_tuple

from apiserver.histories import add_every_history
from apiserver.prepare import without_histories

log = logging.getLogger(__name__)


class Schema:
    """Which revisions of the schema the code knows, and which ones it needs.

    That is one, and one more for each feature with a history of its own.
    """

    def __init__(self, ini: str | None) -> None:
        try:
            config = without_histories(ini)
            switched_off = add_every_history(config)
            scripts = ScriptDirectory.from_config(config)
            # Of each revision those on which it stands, or depends.
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
        """Whether the database still needs a migration that the code builds on.

        One that the code doesn't know is newer than it: migrations come before the
        code, and leave to the old code what it needs (docs/migrations.md).
        """
        return revisions <= self.known and not self.reached(revisions) >= self.heads

    def reached(self, revisions: Iterable[str]) -> set[str]:
        """Return the revisions with all that they stand on.

        The table of versions needn't name one on which another depends.
        """
        found, left = set(revisions), list(revisions)
        while left:
            more = self.below.get(left.pop(), set()) - found
            found |= more
            left += more
        return found
