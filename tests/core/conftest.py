"""Applications of core and a tiny feature, for what the real features don't show."""

import pytest
from pyramid.config import Configurator

from tests.client import Client
from tests.core.notes import METADATA, NOTE, NoteClient, notes
from tests.core.parcels import OwnBase, Parcel, parcels
from tests.core.tables import empty


@pytest.fixture(scope="session")
def make_core_app(engines):
    """A function that makes an application of core and the given features alone.

    A feature is a function that is included; settings are given by their whole names.
    """

    def make(*features, **settings):
        settings = {"sqlalchemy.url": "sqlite://", **settings}
        with Configurator(settings=settings) as config:
            config.include("apiserver.core")
            config.registry.at_start = False
            for feature in features:
                config.include(feature, route_prefix=config.registry.api_prefix)
        registry = config.registry
        sessions = (registry.write_sessions, registry.read_sessions)
        engines.extend(factory.kw["bind"] for factory in sessions)
        return config.make_wsgi_app()

    return make


@pytest.fixture(scope="session")
def make_stored_app(make_core_app, make_database):
    """A function that makes one on a database of its own, with tables of tests."""

    def make(*features, tables=(), **settings):
        url = {"sqlalchemy.url": make_database()}
        app = make_core_app(*features, **url, **settings)
        if tables:
            tables[0].metadata.create_all(app.registry.engine, tables)
        return app

    return make


@pytest.fixture(scope="session")
def document(app):
    """The document of the whole application, as it is served."""
    return Client(app).get("/swagger.json").json


@pytest.fixture(scope="session")
def note_database(make_stored_app):
    return make_stored_app(notes, tables=METADATA.sorted_tables)


@pytest.fixture
def note_app(note_database):
    """The application of notes, on a database of its own without any."""
    empty(note_database, NOTE)
    return note_database


@pytest.fixture
def call(note_app):
    """A function that sends a request of the method, and says what is done in it."""

    def send(act, method="POST", **kw):
        note_app.registry.act = act
        return NoteClient(note_app).call(method, "/api/v1/notes/", **kw)

    return send


@pytest.fixture(scope="session")
def parcel_app(make_stored_app):
    return make_stored_app(parcels, tables=OwnBase.metadata.sorted_tables)


@pytest.fixture
def parcel_client(parcel_app):
    empty(parcel_app, Parcel)
    return Client(parcel_app)


@pytest.fixture
def make_parcel(parcel_client):
    """A function that makes a parcel, and returns its URL."""

    def make(**fields):
        response = parcel_client.post("/parcels/", {"title": None, **fields})
        assert response.status_int == 201, response.text
        return f"/parcels/{response.json['id']}"

    return make
