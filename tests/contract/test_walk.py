"""One walk through all endpoints, as every kind of caller, predicted by the document.

It covers what the document has, so that a new feature is covered by itself; which
objects there are to go to, the feature's ``places.py`` says.
"""

from typing import Any

import pytest

from tests.contract.walk import KINDS, Walk, deviations, deviations_of_mistakes, paths


def pytest_generate_tests(metafunc: Any) -> None:
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", paths())
        metafunc.parametrize("kind", KINDS)


@pytest.fixture
def walk(app, api, connection, db, kind):
    api()
    return Walk(app, connection, db, kind)


# Nobody, somebody, and who may most: that a right is asked for before the body is read
# doesn't depend on which right it is.
SEND_WRONG_BODIES = {"anonymous", "regular", "admin"}


def test_finds_what_the_document_says(walk, path, kind):
    found: list[str] = []
    for visit in walk.visits(path):
        found += deviations(walk, visit)
        if kind in SEND_WRONG_BODIES and visit.who.endswith(("all scopes", "token")):
            found += deviations_of_mistakes(walk, visit)
    assert found == [], "\n".join(["", *found])
