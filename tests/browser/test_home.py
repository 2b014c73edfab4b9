"""The landing page in a browser."""

import re
import shlex
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.visit import TITLE, Visit
from tests.tools import needs, path_of


@pytest.fixture
def visit(start):
    visit = start(Visit, permissions=["clipboard-read", "clipboard-write"])
    visit.open("/")
    return visit


class TestHome:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [375, 1280])
    def test_fits_the_screen(self, start, scheme, width):
        size = {"width": width, "height": 900}
        visit = start(Visit, color_scheme=scheme, viewport=size)
        visit.open("/")
        visit.photograph(f"home-{scheme}-{width}")
        across = visit.page.evaluate("document.documentElement.scrollWidth")
        assert across <= width

    def test_leads_to_the_documentation(self, visit):
        visit.page.get_by_role("link", name="Documentation").click()
        expect(visit.page.locator(".opblock")).not_to_have_count(0)

    @pytest.mark.parametrize("name", ["OpenAPI 3.1", "Swagger 2.0"])
    def test_leads_to_the_documents(self, visit, name):
        with visit.page.expect_response(re.compile(r"\.json$")) as found:
            visit.page.get_by_role("link", name=name).click()
        assert found.value.json()["info"]["title"] == TITLE

    @needs("curl")
    def test_command_gets_a_token(self, visit, server):
        visit.page.get_by_role("button", name="Copy").click()
        expect(visit.page.get_by_role("button", name="Copied")).to_be_visible()
        command = visit.page.evaluate("navigator.clipboard.readText()")
        assert command.startswith("curl http://127.0.0.1:5000/auth/oauth2/token \\\n")
        here = command.replace("http://127.0.0.1:5000", server).replace("\\\n", "")
        answer = subprocess.run(  # noqa: S603
            [path_of("curl"), "--silent", *shlex.split(here)[1:]],
            capture_output=True,
            check=True,
            text=True,
        )
        assert '"access_token"' in answer.stdout
