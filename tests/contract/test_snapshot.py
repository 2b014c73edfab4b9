"""The documents in the repository: what a pull request shows of a change of the API."""

import json
import os
from difflib import unified_diff
from itertools import islice

import pytest
from pyramid.paster import get_appsettings

from tasks.app.swagger import document
from tests.conftest import ROOT
from tests.served import clean_environment
from tests.settings import DEVELOPMENT

MOST_LINES = 40
# What the document depends on besides title, prefix and features.
AS_SHIPPED = {
    "APISERVER_RATE_LIMIT": "",
    "APISERVER_SIGNUP": DEVELOPMENT["apiserver.signup"],
    "APISERVER_CAPTCHA": DEVELOPMENT["apiserver.captcha"],
    "APISERVER_CAPTCHA_SECRET": DEVELOPMENT["apiserver.captcha_secret"],
    "APISERVER_ISSUER": DEVELOPMENT["apiserver.issuer"],
}


@pytest.fixture
def compare(monkeypatch):
    """A function that returns how a document differs from the one in ``docs/``."""
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)
    monkeypatch.chdir(ROOT)

    def differences(name, *, openapi):
        path = ROOT / "docs" / name
        if not path.exists():
            pytest.skip(f"There is no docs/{name}: make documents writes it.")
        committed = path.read_text("utf-8")
        shown = json.loads(committed)
        monkeypatch.setenv("APISERVER_TITLE", shown["info"]["title"])
        monkeypatch.setenv("APISERVER_API_PREFIX", prefix_of(shown))
        made = make(openapi)
        if tags_of(json.loads(made)) - tags_of(shown):
            monkeypatch.setenv("APISERVER_FEATURES", features_in(shown))
            made = make(openapi)
        if gone := tags_of(shown) - tags_of(json.loads(made)):
            pytest.skip(
                f"docs/{name} shows what is switched off ({', '.join(gone)}): "
                "make documents writes it anew."
            )
        if committed != made:
            # Settings that change the document may have changed since it was written.
            for setting, value in AS_SHIPPED.items():
                monkeypatch.setenv(setting, value)
            made = min(made, make(openapi), key=lambda each: each != committed)
        lines = unified_diff(
            committed.splitlines(),
            made.splitlines(),
            f"docs/{name}",
            "now",
            lineterm="",
        )
        return "\n".join(islice(lines, MOST_LINES))

    return differences


def make(openapi):
    return document("development.ini", openapi=openapi).decode() + "\n"


def tags_of(shown):
    return {tag["name"] for tag in shown["tags"]}


def features_in(shown):
    """Return the features without those that are new: `make documents` lets them in."""
    development = get_appsettings(str(ROOT / "development.ini"))
    features = development["apiserver.features"].split()
    return " ".join(feature for feature in features if feature in tags_of(shown))


def prefix_of(shown):
    """Return the path of the API, of Swagger 2.0 or OpenAPI 3.1."""
    return shown.get("basePath") or shown["servers"][0]["url"]


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
