"""schemathesis finds nothing: the server keeps what both documents promise."""

import os

import pytest

from apiserver.core.db import Session
from tests.fuzz.caller import PLACEHOLDER, Caller, make_world
from tests.fuzz.findings import config, findings
from tests.settings import own_settings

# For each operation and phase.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 100)


@pytest.fixture
def fuzz(make_app, make_database):
    """A function that fuzzes a fresh server by a document, as a caller."""
    own = {name.removeprefix("apiserver."): v for name, v in own_settings().items()}
    app = make_app(
        make_database(),
        **own,
        login_attempts="1000000000",
        login_attempts_per_address="1000000000",
    )
    engine = app.registry.engine

    def make_session():
        return Session(engine, expire_on_commit=False)

    with make_session() as session:
        ids = make_world(session)

    def run(document, caller):
        headers = {"Authorization": PLACEHOLDER} if caller in ids else {}
        called = Caller(app, make_session, ids.get(caller, 0))
        return findings(f"/api/v1/{document}", called, config(EXAMPLES, headers))

    return run


@pytest.mark.parametrize("caller", ["admin", "regular", "anonymous"])
@pytest.mark.parametrize("document", ["openapi.json", "swagger.json"])
def test_nothing_is_found(fuzz, document, caller):
    found = fuzz(document, caller)
    assert found == [], "\n\n".join(found)
