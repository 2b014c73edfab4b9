"""How databases read a page of a long log: by an index, in its order."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from apiserver.audit.views import EVENTS
from apiserver.core.audit import AuditEvent
from apiserver.core.db import make_engines
from apiserver.core.db.prepared import Prepared

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
# Of most columns there are usual values, and others that few events have.
ROWS = [
    {
        "created": BEGIN + timedelta(seconds=n),
        "action": f"action_{n % 40}",
        "result": "success" if n % 50 else "failure",
        "actor_id": n % 400,
        "client_id": f"client_{n % 100}",
        "target": f"user:{n % 500} email",
        "request_id": "x",
        "address": "192.0.2.1",
    }
    for n in range(20_000)
]
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN (COSTS OFF)"}
WHOLE_TABLE = re.compile(r"Seq Scan|SCAN audit_event(?! USING)")
SORTS = re.compile(r"^(-> +)?(Incremental )?Sort$|TEMP B-TREE")
NEWEST = {"page_key0": BEGIN + timedelta(seconds=9_000), "page_key1": 9_000}


@pytest.fixture(scope="module")
def engine(make_database):
    engine, reading = make_engines(make_database(migrated=True))
    with engine.begin() as connection:
        connection.execute(insert(AuditEvent), ROWS)
        connection.execute(text("ANALYZE"))
    yield engine
    engine.dispose()
    reading.dispose()


@pytest.fixture
def plan(engine):
    """A function that returns how a statement is executed, line by line."""

    def explained(statement, **values):
        prepared = Prepared(statement, engine.dialect, tuple(values))
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                f"{EXPLAIN[engine.dialect.name]} {prepared.text}",
                prepared.values(values),
            )
            return [each[-1].strip() for each in found]

    return explained


@pytest.mark.parametrize(
    ("way", "place"), [("offset", {"skipped": 0}), ("after", NEWEST)]
)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        (None, None),
        ("action", "action_7"),
        ("result", "failure"),
        ("actor_id", 7),
        ("client_id", "client_7"),
        ("target", "user:7"),
        ("created_from", BEGIN + timedelta(seconds=19_000)),
        ("created_until", BEGIN + timedelta(seconds=1_000)),
    ],
)
def test_a_page_is_read_by_an_index(plan, engine, way, place, name, value):
    given = ((name, None),) if name else ()
    values = {f"filter_{name}": value} if name else {}
    order = EVENTS.order(EVENTS.usual)
    statement = EVENTS.page(given, order, way, "none", ())
    found = plan(statement, limit=21, **values, **place)
    assert "ix_audit_event" in str(found), found
    assert not any(map(WHOLE_TABLE.search, found)), found
    # Of few rows PostgreSQL reads all, and sorts them.
    assert "Bitmap" in str(found) or not any(map(SORTS.search, found)), found
    if name == "target" and engine.dialect.name == "postgresql":
        assert "ix_audit_event_row_name" in str(found), found
    elif name and not name.startswith("created") and name != "target":
        assert f"ix_audit_event_{name}_created_id" in str(found), found
