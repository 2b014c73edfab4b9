"""Whether the database has the schema that the code needs."""

import logging
from collections.abc import Set

from alembic.util import CommandError, to_tuple

from apiserver.prepare import script_directory

log = logging.getLogger(__name__)


class Schema:
    """Which revisions of the schema the code knows, and which ones it needs.

    That is one, and one more for each feature of another package.
    """

    def __init__(self, ini: str | None) -> None:
        try:
            scripts = script_directory(ini)
            every = list(scripts.walk_revisions())
            # A revision on which another depends goes without saying: the table of
            # versions needn't name it.
            named = {name for each in every for name in to_tuple(each.dependencies, ())}
            implied = {each.revision for each in scripts.get_revisions(tuple(named))}
            self.heads = set(scripts.get_heads()) - implied
            self.known = {script.revision for script in every}
        except CommandError as error:
            log.warning("The schema was not checked: %s", error)
            self.heads, self.known = set(), set()

    def is_behind(self, revisions: Set[str]) -> bool:
        """Whether the database still needs a migration that the code builds on.

        One that the code doesn't know is newer than it: migrations come before the
        code, and leave to the old code what it needs (docs/migrations.md).
        """
        return not revisions >= self.heads and revisions <= self.known
