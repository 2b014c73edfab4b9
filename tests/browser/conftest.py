"""Fixtures: a browser, in front of a server with the demo data of development."""

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.visit import TIMEOUT
from tests.served import clean_environment, development_ini, serve
from tests.tools import need, path_of


@pytest.fixture(scope="module")
def server(tmp_path_factory, make_database):
    """The URL of a server of development.ini, with a database of its own."""
    ini = development_ini(tmp_path_factory.mktemp("server"))
    with serve(ini, clean_environment(DATABASE_URL=make_database())) as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    need("chromium")
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path_of("chromium"))
        yield browser
        browser.close()


@pytest.fixture
def start(browser, server):
    """A function that starts a visit, without complaints or requests elsewhere.

    ``at`` is the URL of the server; by default that of development.ini.
    """
    started = []

    def start(kind, at=server, **options):
        options.setdefault("viewport", {"width": 1280, "height": 1000})
        context = browser.new_context(**options)
        visit = kind(context, at)
        started.append((context, visit))
        return visit

    yield start
    for context, visit in started:
        context.close()
        assert visit.complaints == []
        elsewhere = [u for u in visit.requests if not u.startswith(f"{visit.server}/")]
        assert elsewhere == []
