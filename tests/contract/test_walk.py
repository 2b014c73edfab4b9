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


class TestWalk:
    def test_finds_what_the_document_says(self, walk, path):
        found = [
            deviation
            for visit in walk.visits(path)
            for deviation in deviations(walk, visit)
        ]
        assert found == [], "\n".join(["", *found])

    def test_finds_every_wrong_body_refused(self, walk, path):
        found = [
            deviation
            for visit in walk.visits(path)
            if visit.who.endswith(("all scopes", "token"))
            for deviation in deviations_of_mistakes(walk, visit)
        ]
        assert found == [], "\n".join(["", *found])
