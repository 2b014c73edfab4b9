"""Whether the database has the schema that the code needs."""

import logging

from alembic.util import CommandError

from apiserver.prepare import script_directory

log = logging.getLogger(__name__)


class Schema:
    """Which revisions of the schema the code knows, and which one it needs."""

    def __init__(self, ini: str | None) -> None:
        try:
            scripts = script_directory(ini)
            self.head = scripts.get_current_head()
            self.known = {script.revision for script in scripts.walk_revisions()}
        except CommandError as error:
            log.warning("The schema was not checked: %s", error)
            self.head, self.known = None, set()

    def is_behind(self, revision: str | None) -> bool:
        """Whether the database still needs a migration that the code builds on.

        One that the code doesn't know is newer than it: migrations come before the
        code, and leave to the old code what it needs (docs/migrations.md).
        """
        if self.head is None or revision == self.head:
            return False
        return revision is None or revision in self.known
