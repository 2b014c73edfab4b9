"""Fixtures: a browser, in front of a server with the demo data of development."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.visit import TIMEOUT
from tests.forked import serve
from tests.served import clean_environment, development_ini


@pytest.fixture(scope="session")
def server(tmp_path_factory, make_database):
    """The URL of a server of development.ini, with a database of its own."""
    ini = development_ini(tmp_path_factory.mktemp("server"))
    with serve(ini, clean_environment(DATABASE_URL=make_database())) as url:
        yield url


@contextmanager
def visits(chromium, server):
    """Yield what starts visits, which end without complaints or requests elsewhere."""
    expect.set_options(timeout=TIMEOUT)
    started = []

    def start(kind, at=server, **options):
        options.setdefault("viewport", {"width": 1280, "height": 1000})
        context = chromium.new_context(**options)
        visit = kind(context, at)
        started.append((context, visit))
        return visit

    yield start
    for context, visit in started:
        context.close()
        assert visit.complaints == []
        elsewhere = [u for u in visit.requests if not u.startswith(f"{visit.server}/")]
        assert elsewhere == []


@pytest.fixture
def start(chromium, server):
    """A function that starts a visit, without complaints or requests elsewhere.

    ``at`` is the URL of the server; by default that of development.ini.
    """
    with visits(chromium, server) as start:
        yield start
