"""The documents in the repository: what a pull request shows of a change of the API."""

import json
import os
from difflib import unified_diff
from itertools import islice

import pytest
from pyramid.paster import get_appsettings

from tasks.app.swagger import document
from tests.conftest import ROOT
from tests.served import SHIPPED, clean_environment

MOST_LINES = 40


@pytest.fixture
def compare(monkeypatch):
    """A function that returns how a document differs from the one in ``docs/``."""
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)
    monkeypatch.chdir(ROOT)

    def differences(name, *, openapi):
        committed = (ROOT / "docs" / name).read_text("utf-8")
        monkeypatch.setenv("APISERVER_FEATURES", features_of(committed))
        made = document("development.ini", openapi=openapi).decode() + "\n"
        lines = unified_diff(
            committed.splitlines(),
            made.splitlines(),
            f"docs/{name}",
            "now",
            lineterm="",
        )
        return "\n".join(islice(lines, MOST_LINES))

    return differences


def features_of(committed):
    """Return the features to compare: one that is new is let in by `make documents`."""
    development = get_appsettings(str(ROOT / "development.ini"))
    known = {tag["name"] for tag in json.loads(committed)["tags"]} | {*SHIPPED.split()}
    features = development["apiserver.features"].split()
    return " ".join(feature for feature in features if feature in known)


class TestSnapshot:
    @pytest.mark.parametrize(
        ("name", "openapi"), [("swagger.json", False), ("openapi.json", True)]
    )
    def test_is_what_is_served(self, compare, name, openapi):
        differences = compare(name, openapi=openapi)
        assert not differences, (
            f"docs/{name} is not what the server says. If the change is meant, write "
            f"it anew by `make documents`, and look at the difference:\n{differences}"
        )
