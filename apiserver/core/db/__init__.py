"""Rows, statements and sessions; one transaction per request."""

from apiserver.core.db.base import (
    NAMING_CONVENTION,
    Audited,
    Base,
    BigId,
    Bookkeeping,
    PrimaryKey,
    Timestamped,
    UTCDateTime,
    Words,
    never_reuse_ids,
    now,
    values_of,
)
from apiserver.core.db.changes import note
from apiserver.core.db.engines import (
    begin_immediate,
    make_engines,
    psycopg_arguments,
    retry_when_others_won,
)
from apiserver.core.db.integrity import constraints, violated_constraint
from apiserver.core.db.prepared import prepare
from apiserver.core.db.sessions import ReadSession, Session
from apiserver.core.db.transactions import TRANSACTIONS, commit_so_far
from apiserver.core.db.writing import audited

__all__ = [
    "NAMING_CONVENTION",
    "TRANSACTIONS",
    "Audited",
    "Base",
    "BigId",
    "Bookkeeping",
    "PrimaryKey",
    "ReadSession",
    "Session",
    "Timestamped",
    "UTCDateTime",
    "Words",
    "audited",
    "begin_immediate",
    "commit_so_far",
    "constraints",
    "make_engines",
    "never_reuse_ids",
    "note",
    "now",
    "prepare",
    "psycopg_arguments",
    "retry_when_others_won",
    "values_of",
    "violated_constraint",
]
