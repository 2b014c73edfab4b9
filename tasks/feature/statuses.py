"""The table of statuses that a generated feature's tests check, cell by cell."""

from collections.abc import Collection, Mapping

from apiserver.core.tree import ANYONE, SIGNED_IN, USER

OPERATIONS = {"list": 200, "create": 201, "read": 200, "edit": 200, "delete": 204}
READING = {"list", "read"}
EVERYONE = {*map(str, (ANYONE, SIGNED_IN, USER))}
# The table's names for kinds of accounts and tokens.
KINDS = {"admin", "internal", "inactive", "client", "anonymous", "somebody"}
BOTH = frozenset({"read", "write"})


def table(may: Mapping[str, Collection[str]], *, refers: bool) -> str:
    """Return the table, for the roles that may do each operation.

    If objects refer to others, creating them also requires the right to read those.
    """
    local = dict.fromkeys(r for roles in may.values() for r in roles if ":" in r)
    parts = [part_of(role) for role in local if role not in EVERYONE]
    writers = [r for r in may["edit"] if r not in EVERYONE]
    actor = part_of(writers[0]) if writers else "somebody"
    rows = {"anonymous": "401", f"inactive {actor}": "401"}
    rows |= dict.fromkeys(dict.fromkeys(["somebody", *parts]), "")
    rows |= dict.fromkeys(("read-only", *(f"read-only {p}" for p in parts)), "")
    rows |= {"admin": "", "internal": ""}
    rows |= {f"{actor}, {s}": "" for s in ("no scope", "read scope", "write scope")}
    rows |= {"admin, no scope": "", "client": ""}
    width = max(map(len, rows))
    lines = [row("caller", list(OPERATIONS), width)]
    for name, always in rows.items():
        cells = [
            always or str(status(name, each, may, refers=refers)) for each in OPERATIONS
        ]
        lines.append(row(name, cells, width))
    return "\n".join(lines)


def part_of(role: str) -> str:
    """Return the table's name for a role on the object: its last word."""
    part = role.rpartition(":")[2].replace("_", "-")
    return f"local-{part}" if part in KINDS else part


def row(name: str, cells: list[str], width: int) -> str:
    columns = [
        cell.ljust(len(operation))
        for cell, operation in zip(cells, OPERATIONS, strict=True)
    ]
    return "  ".join([name.ljust(width), *columns]).rstrip()


def status(
    name: str, operation: str, may: Mapping[str, Collection[str]], *, refers: bool
) -> int:
    """Return the status for a caller, if the object exists."""
    who, _, held_by = name.partition(", ")
    scope = "read" if operation in READING else "write"
    held = {"": BOTH, "no scope": frozenset()}.get(held_by, {held_by.partition(" ")[0]})
    if scope not in held or (scope == "write" and who.startswith("read-only")):
        return 403
    if who not in {"admin", "internal"} and not may_do(who, may[operation]):
        return 403
    if refers and operation == "create" and held_by == "write scope":
        return 422
    return OPERATIONS[operation]


def may_do(who: str, roles: Collection[str]) -> bool:
    everywhere = {SIGNED_IN, ANYONE} if who == "client" else EVERYONE
    part = who.split()[-1]
    return any(role in everywhere or part == part_of(role) for role in roles)
