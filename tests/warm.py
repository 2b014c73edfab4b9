"""An application, made as this is imported: the first one of a process takes longest.

Processes that are forked from one that has imported this make theirs at once.
"""

from tests import settings

settings.make(settings.TESTING)
