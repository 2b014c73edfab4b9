"""Rows, statements and sessions; one transaction per request."""

from apiserver.core.db.base import (
    Audited,
    Base,
    Bookkeeping,
    PrimaryKey,
    Timestamped,
    never_reuse_ids,
    now,
)
from apiserver.core.db.changes import note
from apiserver.core.db.columns import (
    ExactNumeric,
    JsonDocument,
    ListOf,
    UTCDateTime,
    Words,
)
from apiserver.core.db.engines import make_engines
from apiserver.core.db.integrity import constraints
from apiserver.core.db.searching import COMPARED_BY_NAME, OF_HISTORY, search_index
from apiserver.core.db.sessions import Session
from apiserver.core.db.transactions import commit_so_far
from apiserver.core.db.tries import Tries, count_try, counter_key, seconds_until

__all__ = [
    "COMPARED_BY_NAME",
    "OF_HISTORY",
    "Audited",
    "Base",
    "Bookkeeping",
    "ExactNumeric",
    "JsonDocument",
    "ListOf",
    "PrimaryKey",
    "Session",
    "Timestamped",
    "Tries",
    "UTCDateTime",
    "Words",
    "commit_so_far",
    "constraints",
    "count_try",
    "counter_key",
    "make_engines",
    "never_reuse_ids",
    "note",
    "now",
    "search_index",
    "seconds_until",
]
