"""Swagger UI in a browser: it shows, signs in, and tries operations out."""

from itertools import product

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import visits
from tests.browser.visit import TITLE, Documentation


@pytest.fixture(scope="module")
def opened(chromium, server):
    """A visit that nobody signs in at, and that each test leaves as it was.

    It takes a browser seconds to show all operations.
    """
    with visits(chromium, server) as start:
        visit = start(Documentation)
        visit.open()
        yield visit


@pytest.fixture
def visit(start):
    visit = start(Documentation)
    visit.open()
    return visit


class TestSwaggerUI:
    def test_shows_the_operations(self, opened):
        opened.photograph("operations")
        expect(opened.page).to_have_title(TITLE)
        expect(opened.page.locator(".info .title")).to_contain_text(TITLE)
        tags = opened.page.locator(".opblock-tag .nostyle")
        url = f"{opened.server}/api/v1/openapi.json"
        document = opened.page.request.get(url).json()
        operations = [
            operation
            for item in document["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict)
        ]
        named = {tag for operation in operations for tag in operation.get("tags", ())}
        expect(tags).to_have_count(len(named))
        assert {*tags.all_inner_texts()} == named

    def test_says_who_may_call_an_operation(self, opened):
        block = opened.operation("teams-patch_team")
        block.locator(".opblock-summary-control").click()
        opened.photograph("permissions")
        expect(block.locator(".opblock-description")).to_contain_text(
            "PERMISSIONS: Leaders of the team and administrators. Not for read-only "
            "accounts."
        )
        block.locator(".opblock-summary-control").click()

    def test_ignores_a_document_that_a_link_names(self, start):
        visit = start(Documentation)
        visit.open("/api/v1/?url=https://example.com/a&configUrl=/swagger-ui/b")
        expect(visit.page.locator(".info .title")).to_contain_text(TITLE)
        visit.photograph("link")

    def test_hides_options_until_asked_for_them(self, opened):
        block = opened.operation("teams-options_team")
        expect(block).to_be_hidden()
        opened.show_options()
        expect(block).to_be_visible()
        opened.page.get_by_label("Show OPTIONS").uncheck()
        expect(block).to_be_hidden()

    def test_shows_options_to_whom_a_link_leads_there(self, start):
        visit = start(Documentation)
        visit.open("/api/v1/?#/teams/options_team")
        expect(visit.operation("teams-options_team")).to_be_visible()
        expect(visit.operation("teams-options_teams")).to_be_hidden()
        # Swagger UI warns of the underscore in a link, which its own links have.
        [warning] = visit.complaints
        assert "escaping deep link whitespace" in warning
        visit.complaints.clear()

    def test_finds_operations_by_all_words_that_are_searched(self, opened):
        search = opened.page.get_by_role("searchbox", name="Search operations")
        search.fill("Change TEAM")
        opened.photograph("search")
        expect(opened.page.locator(".opblock-tag .nostyle")).to_have_text(["teams"])
        expect(opened.operation("teams-patch_team")).to_be_visible()
        expect(opened.operation("teams-delete_team")).not_to_be_attached()
        search.fill("nothing is called so")
        expect(opened.page.get_by_text("No operations.")).to_be_visible()
        search.fill("")
        expect(opened.operation("users-get_me")).to_be_visible()

    def test_says_each_error_in_a_line_until_it_is_opened(self, opened):
        block = opened.operation("teams-get_team")
        block.locator(".opblock-summary-control").click()
        error = block.get_by_role("button", name="There is no such object.")
        expect(error).to_have_attribute("aria-expanded", "false")
        expect(block.locator("tr.response")).to_have_count(2)
        error.click()
        opened.photograph("error")
        expect(block.locator("tr.response[data-code='404']")).to_contain_text(
            "application/problem+json"
        )
        block.locator(".opblock-summary-control").click()

    def test_suits_small_pages_and_those_who_like_it_dark(self, start):
        visit = start(Documentation)
        visit.open()
        block = visit.operation("teams-patch_team")
        for width, scheme in product((320, 1280), ("light", "dark")):
            visit.page.set_viewport_size({"width": width, "height": 1000})
            visit.page.emulate_media(color_scheme=scheme)
            visit.photograph(f"operations-{scheme}-{width}")
            block.locator(".opblock-summary-control").click()
            expect(block.locator(".error-line")).not_to_have_count(0)
            visit.photograph(f"operation-{scheme}-{width}")
            across = visit.page.evaluate("document.documentElement.scrollWidth")
            assert across <= width
            block.locator(".opblock-summary-control").click()


class TestLocks:
    def lock(self, visit, operation):
        return visit.operation(operation).locator(".authorization__btn")

    def test_are_where_a_token_is_needed(self, opened):
        expect(self.lock(opened, "users-list_users")).to_have_count(1)
        for public in ("users-create_user", "users-get_signup_form"):
            expect(opened.operation(public)).to_be_visible()
            expect(self.lock(opened, public)).to_have_count(0)

    def test_are_closed_where_the_token_has_the_scope(self, visit):
        locked = visit.page.locator(".authorization__btn .locked")
        expect(locked).to_have_count(0)
        visit.sign_in("root", "q", "teams:read")
        visit.photograph("locks")
        for operation, closed in {
            "teams-list_teams": 1,
            "teams-create_team": 0,
            "users-list_users": 0,
        }.items():
            expect(self.lock(visit, operation).locator(".locked")).to_have_count(closed)


class TestSignIn:
    """That a code leads to a token, ``test_places.py`` shows at several places."""

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
        visit.show_options()
        allowed = run("teams-options_team", 204, **team)
        assert allowed["allow"] == "GET, HEAD, PATCH, DELETE, OPTIONS"
        assert allowed["accept-patch"] == (
            "application/json-patch+json, application/json"
        )
        run("teams-delete_team", 204, **team)
