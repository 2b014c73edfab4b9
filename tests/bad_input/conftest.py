"""An administrator, objects for every path, and a look at the whole database."""

import re

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from apiserver.core.db import Base
from tests.bad_input.endpoints import ENDPOINTS, REFERRED
from tests.contract.places import make_place
from tests.contract.predictions import is_on

# Where even an administrator may do more at what is theirs: nobody sets the password of
# another user.
ROLES = {"/users/{user_id}": "user:self"}


@pytest.fixture(scope="session")
def app(make_project_app):
    """The application with all features of the project."""
    return make_project_app()


@pytest.fixture
def admin(make_user):
    return make_user("admin")


@pytest.fixture
def caller(api, admin):
    """An administrator with all scopes: whatever is refused is refused as input."""
    client = api(admin)
    # WebTest itself refuses some of what is to be sent.
    client.lint = False
    return client


@pytest.fixture
def endpoints(request):
    """The endpoints to which the test goes: the one that it names, or all."""
    callspec = getattr(request.node, "callspec", None)
    named = callspec.params.get("endpoint") if callspec else None
    return ENDPOINTS if named is None else [named]


@pytest.fixture
def refer(app, db, admin, endpoints):
    """Make an object of each class to which schemas refer."""
    for kind in set().union(*(endpoint.refers_to for endpoint in endpoints)):
        place = app.registry.places[kind]
        keys = make_place(db, f"/{'/'.join(place.segments)}", admin, None).keys
        REFERRED[kind] = keys[place.segments[-1].strip("{}")]


@pytest.fixture
def ids(db, admin, caller, make_client, refer, endpoints):
    """A function that returns what stands for each placeholder of a path."""
    known = {
        "client_id": make_client(admin).client_id,
        "grant_id": db.scalar(select(OAuth2Grant.id)),
    }
    # The others are those of places.py, beginning with objects that lie in others.
    made = {}
    paths = {endpoint.path for endpoint in endpoints}
    for path in sorted(paths, key=lambda path: path.count("{"), reverse=True):
        is_known = known.keys() >= set(re.findall(r"{(\w+)}", path))
        if not is_known and not any(is_on(path, deeper) for deeper in made):
            made[path] = make_place(db, path, admin, ROLES.get(path)).keys

    def ids_of(path):
        found = (keys for deeper, keys in made.items() if is_on(path, deeper))
        return {**known, **next(found, {})}

    return ids_of


@pytest.fixture
def send(caller, ids):
    """A function that calls an endpoint, with more behind its URL."""

    def call(endpoint, more="", **kw):
        path = caller.prefix + endpoint.path.format_map(ids(endpoint.path)) + more
        return caller.call(endpoint.method, path, **kw)

    return call


# What is wrong is counted and recorded, lest somebody tries it for ever.
KEPT = {"throttle", "audit_event"}


def contents(connection):
    """Return the rows of all tables that bad input must not change."""
    return {
        table.name: sorted(map(repr, connection.execute(select(table))))
        for table in Base.metadata.sorted_tables
        if table.name not in KEPT and not table.name.endswith("_of_a_test")
    }


@pytest.fixture
def unchanged(connection, caller, request):
    """Compare the database before and after the test."""
    if "ids" in request.fixturenames:
        request.getfixturevalue("ids")
    before = contents(connection)
    yield
    assert contents(connection) == before
