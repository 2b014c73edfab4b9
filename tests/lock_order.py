"""The order in which a request locks rows, as its SQL shows it.

``apiserver/core/tree/decisions.py`` has the order, and why it is the same everywhere:
who locks in another one waits for a request that waits for him. SQLite's statements
don't say what a SELECT locks, since nothing can be locked there but the whole database:
all is seen on PostgreSQL.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

RESOURCE = 1
RANKS = {
    "throttle": 0,
    "user": 2,
    # What only who has locked the account looks at.
    "factor": 2,
    "recovery_code": 2,
    "address_change": 2,
    "address_take_back": 2,
    "password_reset": 2,
    "account_deletion": 2,
    "oauth2_client": 3,
    "oauth2_grant": 4,
    "personal_token": 4,
    "linked_identity": 4,
    "oauth2_code": 5,
    "oauth2_token": 5,
    "browser_session": 6,
    "oauth2_consent": 6,
    "sign_in_attempt": 6,
    "provider_sign_in": 6,
    "unlinked_identity": 6,
}
# Rows for which nobody waits but who has locked a row above them for a change.
GUARDED = {
    "team_member": "team",
    "factor": "user",
    "recovery_code": "user",
    "address_change": "user",
    "address_take_back": "user",
    "account_deletion": "user",
}
# Shared by every request of a token, together with its account: who has locked that for
# a change has the grant for himself.
UPGRADED = {"oauth2_grant": "user"}
CHANGE, SHARE = "change", "share"
GATE = "pg_advisory_xact_lock_shared"

_CHANGED = re.compile(r"(?:UPDATE|DELETE FROM) (\w+)|INSERT INTO (\w+) .*ON CONFLICT")
_LOCKING = re.compile(r" FOR (NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)(?: OF ([\w, ]+))?$")
_SELECTED = re.compile(r"(?:FROM|JOIN) (\w+)")
_END = ("RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


def locks_of(statement: str) -> list[tuple[str, str]]:
    """Return the tables in which the statement locks rows, and how.

    An INSERT waits for nobody but who deletes what it refers to, which isn't seen here.
    """
    sql = " ".join(statement.replace('"', "").split())
    changed = _CHANGED.match(sql)
    if changed is not None:
        return [(changed[1] or changed[2], CHANGE)]
    locking = _LOCKING.search(sql)
    if locking is None or not sql.startswith("SELECT"):
        return []
    named = (locking[2] or "").split(", ") if locking[2] else _SELECTED.findall(sql)
    kind = CHANGE if "UPDATE" in locking[1] else SHARE
    return [(table, kind) for table in named]


def transactions(statements: Iterable[str]) -> Iterator[list[str]]:
    """Split what was executed where the application has committed."""
    left = iter(statements)
    for first in left:
        yield [first, *takewhile(lambda sql: not sql.startswith(_END), left)]


def inversions(statements: Iterable[str]) -> list[str]:
    """Return what was locked in another order, a sentence each."""
    found = []
    for executed in transactions(statements):
        held: dict[str, str] = {}
        for table, kind in (lock for sql in executed for lock in locks_of(sql)):
            is_upgraded = held.get(table) == SHARE and kind == CHANGE
            if is_upgraded and held.get(UPGRADED.get(table, "")) != CHANGE:
                found.append(f"{table} is shared before it is changed")
            above = [t for t in held if rank(t) > rank(table)]
            is_guarded = held.get(GUARDED.get(table, "")) == CHANGE
            if table not in held and above and not is_guarded:
                found.append(f"{table} is locked after {', '.join(above)}")
            held.setdefault(table, kind)
        if "throttle" in held and len(held) > 1:
            found.append(f"throttle is held with {', '.join(held)}")
    return found


def overtaking(statements: Iterable[str]) -> list[str]:
    """Return the statements that share an account without passing its gate.

    They would get on before one that waits to take a right (``users/gates.py``).
    """
    return [
        sql
        for sql in statements
        if {("user", SHARE), ("owner", SHARE)} & {*locks_of(sql)} and GATE not in sql
    ]


def rank(table: str) -> int:
    return RANKS.get(table, RESOURCE)
