"""How PostgreSQL reads the history of an account: by its index, in its order."""

import pytest
from sqlalchemy import insert, text

from apiserver.account.history import NEWEST, OLDER
from apiserver.core.audit import AuditEvent
from apiserver.core.db import make_engines, now
from tests.databases import SERVER

pytestmark = pytest.mark.skipif(not SERVER, reason="SQLite has no such index")


@pytest.fixture(scope="module")
def engine(make_database):
    engine, reading = make_engines(make_database(migrated=True))
    common = {"result": "success", "request_id": "x", "address": "192.0.2.1"}
    rows = [
        {
            "created": now(),
            "action": "sign_in",
            "actor_id": n % 300 or None,
            "target": f"user:{n % 500}" if n % 3 else None,
            **common,
        }
        for n in range(20_000)
    ]
    with engine.begin() as connection:
        connection.execute(insert(AuditEvent), rows)
        connection.execute(text("ANALYZE"))
    yield engine
    engine.dispose()
    reading.dispose()


@pytest.mark.parametrize("statement", [NEWEST, OLDER], ids=["newest", "older"])
def test_a_page_is_read_by_the_index(engine, statement):
    values = {"account": "7", "before": 9_000}
    compiled = statement.compile(engine, compile_kwargs={"render_postcompile": True})
    given = {name: values.get(name, value) for name, value in compiled.params.items()}
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"EXPLAIN {compiled}", given).scalars().all()
    plan = "\n".join(found)
    assert "ix_audit_event_account" in plan
    assert "Seq Scan" not in plan
    assert "Bitmap" in plan or "Sort" not in plan
