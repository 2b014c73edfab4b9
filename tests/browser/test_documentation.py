"""Swagger UI in a browser: it shows, signs in, and tries operations out."""

import pytest
from playwright.sync_api import expect

from tests.browser.visit import TITLE, Documentation


@pytest.fixture
def visit(start):
    visit = start(Documentation)
    visit.open()
    return visit


class TestSwaggerUI:
    def test_shows_the_operations(self, visit):
        visit.photograph("operations")
        expect(visit.page).to_have_title(TITLE)
        expect(visit.page.locator(".info .title")).to_contain_text(TITLE)
        tags = visit.page.locator(".opblock-tag .nostyle")
        expect(tags).to_have_text(["auth", "teams", "users"])

    def test_says_who_may_call_an_operation(self, visit):
        block = visit.page.locator("#operations-teams-patch_team")
        block.locator(".opblock-summary-control").click()
        visit.photograph("permissions")
        expect(block.locator(".opblock-description")).to_contain_text(
            "PERMISSIONS: Leaders of the team and administrators. Not for read-only "
            "accounts."
        )

    def test_ignores_a_document_that_a_link_names(self, visit):
        visit.open("/api/v1/?url=https://example.com/a&configUrl=/swagger-ui/b")
        expect(visit.page.locator(".info .title")).to_contain_text(TITLE)
        visit.photograph("link")

    @pytest.mark.parametrize("width", [375, 1280])
    def test_suits_those_who_like_it_dark(self, start, width):
        size = {"width": width, "height": 1000}
        visit = start(Documentation, color_scheme="dark", viewport=size)
        visit.open()
        visit.photograph(f"operations-dark-{width}")
        across = visit.page.evaluate("document.documentElement.scrollWidth")
        assert across <= width


class TestSignIn:
    def test_with_an_authorization_code(self, visit):
        window, form = visit.ask_for_code("user", "w")
        with window.expect_event("close"):
            window.get_by_role("button", name="Allow").click()
        visit.authorized(form)

        me = visit.execute("users-get_me")
        assert me.status == 200
        assert me.json()["username"] == "user"

    def test_with_a_code_that_the_user_has_refused(self, visit):
        window, form = visit.ask_for_code("internal", "q")
        with window.expect_event("close"):
            window.get_by_role("button", name="Deny").click()
        expect(form.locator(".errors")).to_contain_text("The user denied the request.")
        visit.photograph("refused")


class TestTryItOut:
    """Operations of each kind, with nothing filled in but the keys of their paths.

    That the examples fit all operations is found by ``tests/contract/test_walk.py``.
    """

    def test_works_for_each_kind_of_operation(self, visit):
        visit.sign_in("root", "q")

        def run(operation, status, **keys):
            response = visit.execute(operation, **keys)
            assert (operation, response.status) == (operation, status)
            return response.json() if status in {200, 201} else response.headers

        assert len(run("users-list_users", 200)) == 4
        team = {"team_id": run("teams-create_team", 201)["id"]}
        assert run("teams-get_team", 200, **team)["title"] == "Engineers"
        run("teams-patch_team", 200, **team)
        allowed = run("teams-options_team", 204, **team)
        assert allowed["allow"] == "GET, HEAD, PATCH, DELETE, OPTIONS"
        assert allowed["accept-patch"] == (
            "application/json-patch+json, application/json"
        )
        run("teams-delete_team", 204, **team)
