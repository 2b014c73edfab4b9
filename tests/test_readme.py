"""The README: its commands work, its answers, tables and files are the real ones.

A project may add to it what it likes, and write one of its own.
"""

import os
from fnmatch import fnmatch
from pathlib import Path

import httpx
import pytest
from pyramid.exceptions import ConfigurationError

import apiserver
from tests.forked import serve
from tests.gone import GONE
from tests.markdown import (
    README,
    ROOT,
    as_shipped,
    blocks,
    code_spans,
    read,
    table,
    tree,
)
from tests.served import clean_environment, development_ini
from tests.settings import SHIPPED, SWITCHED_OFF, TESTING
from tests.tools import needs
from tests.transcript import SERVER, Reader, steps

pytestmark = pytest.mark.skipif(
    not read(README).startswith("# apiserver\n"), reason="This README is another one."
)
MAKE_STEPS = list(steps(blocks(README, "Run it", "Settings")))
STEPS = list(steps(blocks(README, "Quick start", "Conventions of all endpoints")))

# How the table of settings says that there is no default.
REQUIRED = "(required)"
DEFAULTS = {row[0].strip("`"): row[1].strip("`") for row in table(README, "setting")}

# What is not in the repository, but may be in a checkout or an sdist.
BUILT = ("*.egg-info", "build", "dist", "htmlcov", "*.db*", "local.ini", "__pycache__")
SDIST = ("PKG-INFO", "setup.cfg")


@pytest.fixture
def reader(tmp_path, make_database):
    """Somebody who reads the README in front of a fresh server."""
    ini = development_ini(tmp_path)
    with serve(ini, clean_environment(DATABASE_URL=make_database())) as server:
        yield Reader(tmp_path, server=server)


class TestQuickStart:
    @pytest.mark.slow
    @needs("curl")
    def test_commands_answer_as_shown(self, reader):
        assert len(STEPS) > 10
        for step in STEPS:
            reader.follow(step)

    @pytest.mark.slow
    def test_pages_of_the_server_are_there(self, reader):
        text = README.read_text("utf-8")
        pages = [part.partition(">")[0] for part in text.split(f"<{SERVER}")[1:]]
        assert pages == ["/", "/api/v1/"]
        for page in pages:
            answer = httpx.get(reader.server + page, follow_redirects=True)
            assert answer.status_code == 200
            assert "text/html" in answer.headers["Content-Type"]

    @pytest.mark.parametrize("step", MAKE_STEPS, ids=str)
    def test_make_has_the_target(self, step, tmp_path):
        Reader(tmp_path).follow(step)


# Every feature that is shipped, those with settings that production asks for, too.
WITH_ALL = {"apiserver.features": SHIPPED, "apiserver.production": "false"}


@pytest.fixture
def start(monkeypatch):
    """A function that makes the application of just the given settings."""
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)

    def start(settings):
        # Nothing connects to it.
        url = "postgresql://user@127.0.0.1:1/example"
        return apiserver.main({}, **{"sqlalchemy.url": url}, **settings)

    return start


@pytest.mark.skipif(bool(GONE), reason="Not all features are there that it lists.")
class TestSettings:
    def test_are_those_of_the_server_with_their_defaults(self, start):
        registry = start({**required_settings(), **WITH_ALL}).registry
        actual = {
            name: REQUIRED if name in required_settings() else as_text(value)
            for name, value in registry.settings.items()
            if name in registry.known_settings - WITH_ALL.keys()
        }
        assert actual == {name: DEFAULTS.get(name) for name in actual}

    @as_shipped
    def test_are_all_there_are(self, start):
        registry = start({**required_settings(), **WITH_ALL}).registry
        assert registry.known_settings == DEFAULTS.keys()

    @pytest.mark.parametrize("name", [n for n, d in DEFAULTS.items() if d == REQUIRED])
    def test_required_ones_are_asked_for(self, start, name):
        others = {k: v for k, v in required_settings().items() if k != name}
        with pytest.raises(ConfigurationError, match=f"{name} is missing"):
            start({**others, **WITH_ALL})


def required_settings():
    """Return the settings that have no default, with values that are safe."""
    return {name: TESTING[name] for name, d in DEFAULTS.items() if d == REQUIRED}


def as_text(value):
    """Write a parsed setting as an ini file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, tuple) else str(value)


class TestScopes:
    def test_are_those_of_the_shipped_features(self, app):
        shipped = {
            scope
            for scope in app.registry.scopes
            if scope.partition(":")[0] in SHIPPED.split()
        }
        assert shipped <= {
            span
            for span in code_spans(README)
            if span.endswith((":read", ":write")) and " " not in span
        }


@as_shipped
class TestTreeOfFiles:
    def test_shows_what_is_there(self):
        """Features that were added later need not be shown."""
        (drawing,) = [b.text for b in blocks(README) if "setup.py" in b.text]
        shown: dict[str, set[str]] = {}
        for folder, name in tree(drawing):
            shown.setdefault(folder, set()).add(name)
        assert len(shown) == 4
        assert shown == {folder: on_disk(ROOT / folder) for folder in shown}


def on_disk(folder: Path) -> set[str]:
    """Return the names in a folder, those of folders with a slash."""
    known = {*SHIPPED.split(), *SWITCHED_OFF}
    return {
        path.name + "/" * path.is_dir()
        for path in folder.iterdir()
        if not path.name.startswith(".")
        and (path.name in known or not (path / "views.py").exists())
        and not any(fnmatch(path.name, pattern) for pattern in (*BUILT, *SDIST))
    }
