"""The application of albums and their tags, on a database of its own."""

import pytest
from sqlalchemy import select

from apiserver.core.audit import AuditEvent
from apiserver.core.db import Base
from tests.client import Client
from tests.core.tags import TABLES, Album, tags


@pytest.fixture(scope="module")
def album_app(make_core_app, make_database):
    # SQLite doesn't name what is violated: it is looked for there.
    copies = [table.to_metadata(Base.metadata) for table in TABLES]
    app = make_core_app(tags, **{"sqlalchemy.url": make_database()})
    Base.metadata.create_all(app.registry.engine, TABLES)
    yield app
    for table in copies:
        Base.metadata.remove(table)


@pytest.fixture
def client(album_app):
    with album_app.registry.engine.begin() as connection:
        for table in (*reversed(TABLES), AuditEvent.__table__):
            connection.execute(table.delete())
        values = {"id": 1, "owner_id": 1, "is_open": True}
        connection.execute(Album.__table__.insert().values(values))
    return Client(album_app)


@pytest.fixture
def actions(album_app):
    """A function that returns the events of the audit log."""

    def read():
        with album_app.registry.read_sessions() as db:
            return list(db.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))

    return read
