"""An application, made as this is imported: the first one of a process takes longest.

Processes that are forked from one that has imported this make theirs at once.
"""

import gc

import apiserver.demo
import apiserver.ops.server
import apiserver.prepare
from tests import settings

__all__ = ["apiserver"]

settings.make(settings.TESTING)
# What was made so far is garbage of none of them.
gc.freeze()
