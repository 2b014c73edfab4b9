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
        document = visit.page.request.get(f"{visit.server}/api/v1/openapi.json").json()
        operations = [
            operation
            for item in document["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict)
        ]
        named = {tag for operation in operations for tag in operation.get("tags", ())}
        expect(tags).to_have_count(len(named))
        assert {*tags.all_inner_texts()} == named

    def test_says_who_may_call_an_operation(self, visit):
        block = visit.operation("teams-patch_team")
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

    def test_hides_options_until_asked_for_them(self, visit):
        block = visit.operation("teams-options_team")
        expect(block).to_be_hidden()
        visit.show_options()
        expect(block).to_be_visible()

    def test_shows_options_to_whom_a_link_leads_there(self, visit):
        visit.open("/api/v1/?#/teams/options_team")
        expect(visit.operation("teams-options_team")).to_be_visible()
        expect(visit.operation("teams-options_teams")).to_be_hidden()
        # Swagger UI warns of the underscore in a link, which its own links have.
        [warning] = visit.complaints
        assert "escaping deep link whitespace" in warning
        visit.complaints.clear()

    def test_finds_operations_by_all_words_that_are_searched(self, visit):
        search = visit.page.get_by_role("searchbox", name="Search operations")
        search.fill("Change TEAM")
        visit.photograph("search")
        expect(visit.page.locator(".opblock-tag .nostyle")).to_have_text(["teams"])
        expect(visit.operation("teams-patch_team")).to_be_visible()
        expect(visit.operation("teams-delete_team")).not_to_be_attached()
        search.fill("nothing is called so")
        expect(visit.page.get_by_text("No operations.")).to_be_visible()
        search.fill("")
        expect(visit.operation("users-get_me")).to_be_visible()

    def test_says_each_error_in_a_line_until_it_is_opened(self, visit):
        block = visit.operation("teams-get_team")
        block.locator(".opblock-summary-control").click()
        error = block.get_by_role("button", name="There is no such object.")
        expect(error).to_have_attribute("aria-expanded", "false")
        expect(block.locator("tr.response")).to_have_count(2)
        error.click()
        visit.photograph("error")
        expect(block.locator("tr.response[data-code='404']")).to_contain_text(
            "application/problem+json"
        )

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [320, 1280])
    def test_suits_small_pages_and_those_who_like_it_dark(self, start, width, scheme):
        size = {"width": width, "height": 1000}
        visit = start(Documentation, color_scheme=scheme, viewport=size)
        visit.open()
        visit.photograph(f"operations-{scheme}-{width}")
        block = visit.operation("teams-patch_team")
        block.locator(".opblock-summary-control").click()
        expect(block.locator(".error-line")).not_to_have_count(0)
        visit.photograph(f"operation-{scheme}-{width}")
        across = visit.page.evaluate("document.documentElement.scrollWidth")
        assert across <= width


class TestLocks:
    def lock(self, visit, operation):
        return visit.operation(operation).locator(".authorization__btn")

    def test_are_where_a_token_is_needed(self, visit):
        expect(self.lock(visit, "users-list_users")).to_have_count(1)
        for public in ("users-create_user", "users-get_signup_form"):
            expect(visit.operation(public)).to_be_visible()
            expect(self.lock(visit, public)).to_have_count(0)

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
        visit.show_options()
        allowed = run("teams-options_team", 204, **team)
        assert allowed["allow"] == "GET, HEAD, PATCH, DELETE, OPTIONS"
        assert allowed["accept-patch"] == (
            "application/json-patch+json, application/json"
        )
        run("teams-delete_team", 204, **team)
