"""The application of albums and their tags, on a database of its own."""

import pytest
from openapi_spec_validator import validate
from sqlalchemy import select

from apiserver.core.audit import AuditEvent
from tests.core.tables import empty, known
from tests.core.tags import TABLES, Album, tags
from tests.recipes.callers import AdasClient


@pytest.fixture(scope="module")
def album_app(make_stored_app):
    with known(TABLES):
        yield make_stored_app(tags, tables=TABLES)


@pytest.fixture
def client(album_app):
    """The client of Ada, to whom album 1 belongs."""
    empty(album_app, *TABLES, AuditEvent)
    with album_app.registry.engine.begin() as connection:
        values = {"id": 1, "owner_id": 1, "is_open": True}
        connection.execute(Album.__table__.insert().values(values))
    return AdasClient(album_app)


@pytest.fixture
def actions(album_app):
    """A function that returns the events of the audit log."""

    def read():
        with album_app.registry.read_sessions() as db:
            return list(db.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))

    return read


@pytest.fixture
def paths(client):
    """What the document says of each path."""
    validate(client.get("/swagger.json").json)
    document = client.get("/openapi.json").json
    validate(document)
    return document["paths"]


def successes(operation):
    """Return the statuses of an operation that refuse nothing."""
    return {status for status in operation["responses"] if status < "3"}
