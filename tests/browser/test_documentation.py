"""Swagger UI in a browser: it shows, signs in, and tries each operation out."""

import httpx
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
            "PERMISSIONS: Leaders of the team and administrators. Read-only accounts "
            "can't."
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
        expect(form.locator(".errors")).to_contain_text("The user has said no.")
        visit.photograph("refused")


class TestTryItOut:
    """Each operation, with nothing filled in but the keys of its path."""

    def test_works_for_each_operation(self, visit, server):
        visit.sign_in("root", "q")
        tried = set()

        def run(operation, status, **keys):
            response = visit.execute(operation, **keys)
            assert (operation, response.status) == (operation, status)
            tried.add(operation.partition("-")[2])
            return response.json() if status in {200, 201} else response.headers

        run("users-get_signup_form", 200)
        assert run("users-create_user", 201)["username"] == "ada"
        assert len(run("users-list_users", 200)) == 5
        assert run("users-get_me", 200)["username"] == "root"
        assert run("users-get_user", 200, user_id=2)["username"] == "user"
        assert run("users-patch_user", 200, user_id=2)["first_name"] == "Ada"

        team = {"team_id": run("teams-create_team", 201)["id"]}
        member = {**team, "user_id": 2}
        assert len(run("teams-list_teams", 200)) == 1
        assert run("teams-get_team", 200, **team)["title"] == "Engineers"
        run("teams-patch_team", 200, **team)
        run("teams-add_team_member", 201, **team)
        assert len(run("teams-list_team_members", 200, **team)) == 2
        run("teams-get_team_member", 200, **member)
        run("teams-patch_team_member", 200, **member)

        created = run("auth-create_oauth2_client", 201)
        client = {"client_id": created["client_id"]}
        assert len(run("auth-list_oauth2_clients", 200)) == 1
        run("auth-get_oauth2_client", 200, **client)
        run("auth-patch_oauth2_client", 200, **client)
        run("auth-create_oauth2_client_secret", 201, **client)
        grant = {"grant_id": run("auth-list_grants", 200)[0]["id"]}

        for operation, keys in {
            "users-options_users": {},
            "users-options_signup_form": {},
            "users-options_me": {},
            "users-options_user": {"user_id": 2},
            "teams-options_teams": {},
            "teams-options_team_members": team,
            "teams-options_team_member": member,
            "auth-options_oauth2_clients": {},
            "auth-options_oauth2_client": client,
            "auth-options_oauth2_client_secret": client,
            "auth-options_grants": {},
            "auth-options_grant": grant,
        }.items():
            assert "OPTIONS" in run(operation, 204, **keys)["allow"]
        allowed = run("teams-options_team", 204, **team)
        assert allowed["allow"] == "GET, HEAD, PATCH, DELETE, OPTIONS"
        assert allowed["accept-patch"] == (
            "application/json-patch+json, application/json"
        )

        run("teams-remove_team_member", 204, **member)
        run("teams-delete_team", 204, **team)
        run("auth-delete_oauth2_client", 204, **client)
        # The last two end the token that they are called with.
        run("auth-delete_grant", 204, **grant)
        visit.open()
        visit.sign_in("root", "q")
        run("auth-delete_grants", 204)

        document = httpx.get(f"{server}/api/v1/openapi.json").json()
        documented = {
            operation["operationId"]
            for item in document["paths"].values()
            for method, operation in item.items()
            if method != "parameters"
        }
        assert tried == documented
