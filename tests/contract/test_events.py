"""Every operation that writes leaves an event for each row, and none for anything else.

Which operations there are the document says, what they have changed the tables.
"""

from typing import Any

import pytest
from sqlalchemy import delete, inspect, select

from apiserver.core.audit import AuditEvent
from apiserver.core.db import Base
from apiserver.core.db.writing import audited
from tests.contract.test_decisions import WRITTEN, walk_as, writes
from tests.contract.walk import MISTAKES, body_of, query_of

__all__ = ["walk_as"]

CALLERS = ("anonymous", "regular", "admin", "client")
EVENTS = select(
    AuditEvent.action,
    AuditEvent.target,
    AuditEvent.actor_id,
    AuditEvent.request_id,
    AuditEvent.result,
).order_by(AuditEvent.id)


def rows(connection: Any) -> dict[str, Any]:
    """Return all rows of the tables that are audited, by the names that events use."""
    stored = {}
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        called = audited(table)
        if called is not None and inspect(connection).has_table(table.name):
            for row in connection.execute(select(table)).mappings():
                key = "/".join(str(row[name]) for name in called.key)
                stored[f"{called.name}:{key}"] = table, dict(row)
    return stored


def differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {
        name for name in before.keys() | after if before.get(name) != after.get(name)
    }


def went_along(name: str, before: dict[str, Any], gone: set[str]) -> bool:
    """Whether a row was deleted by its foreign key, with another one."""
    table, row = before[name]
    return any(
        key.ondelete == "CASCADE"
        and key.column.table is other
        and row[key.parent.name] == values[key.column.name]
        for key in table.foreign_keys
        for other, values in (before[each] for each in gone - {name})
    )


def send(walk: Any, visit: Any, method: str, **body: Any) -> Any:
    """Return the response, what is stored before and after, and the events."""
    query = query_of(walk.predictions.operation(visit.path, method))
    url = f"{visit.client.prefix}{visit.url}{query}"
    with walk.undone():
        walk.connection.execute(delete(AuditEvent))
        before = rows(walk.connection)
        response = visit.client.call(method, url, **body)
        after = rows(walk.connection)
        return response, before, after, walk.connection.execute(EVENTS).all()


def unlike(before: Any, after: Any, events: Any) -> list[str]:
    """Return the rows that changed without an event, and the other way round."""
    changed = differing(before, after)
    gone = changed - after.keys()
    told = {word for event in events for word in (event.target or "").split()}
    silent = {
        name
        for name in changed - told
        if name not in gone or not went_along(name, before, gone)
    }
    made_up = (told & (before.keys() | after.keys())) - changed
    return sorted(silent | made_up)


@pytest.mark.parametrize("path", WRITTEN)
class TestEvents:
    def test_each_row_has_one(self, walk_as, path):
        for walk in map(walk_as, CALLERS):
            for visit, method, status in writes(walk, path):
                body = body_of(walk.predictions.operation(path, method), visit.place)
                response, before, after, events = send(walk, visit, method, **body)
                assert response.status_int == status
                assert unlike(before, after, events) == [], (method, visit.who, events)
                request_id = response.headers["X-Request-Id"]
                assert {event.request_id for event in events} <= {request_id}

    def test_refused_request_has_none(self, walk_as, path):
        walk, mistake = walk_as("admin"), MISTAKES[400]
        for visit, method, _ in writes(walk, path):
            if "requestBody" in walk.predictions.operation(path, method):
                response, before, after, events = send(walk, visit, method, **mistake)
                assert response.status_int in {400, 415}
                assert (after, events) == (before, [])
