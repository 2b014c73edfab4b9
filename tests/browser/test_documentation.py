"""Swagger UI in a browser, in front of a server with the demo data of development."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.markdown import ROOT
from tests.served import at_free_port, clean_environment, serve

CHROMIUM = shutil.which("chromium")
TIMEOUT = 60_000

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium on this machine"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory, make_database):
    """The URL of a server of development.ini, with a database of its own."""
    ini = tmp_path_factory.mktemp("server") / "development.ini"
    text = (ROOT / "development.ini").read_text("utf-8").replace("%(here)s", str(ROOT))
    ini.write_text(at_free_port(text))
    with serve(ini, clean_environment(DATABASE_URL=make_database())) as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


class Visit:
    """A visit to the documentation; it keeps what the pages complain of and ask for."""

    def __init__(self, context, server, screenshots):
        self.complaints = []
        self.requests = []
        self.screenshots = screenshots
        context.set_default_timeout(TIMEOUT)
        context.on("page", self.watch)
        self.page = context.new_page()
        self.open(f"{server}/api/v1/")

    def watch(self, page):
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def hear(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def open(self, url):
        self.page.goto(url)
        expect(self.page.locator(".opblock")).not_to_have_count(0)

    def authorization(self, name):
        """Open the dialog of sign-ins; return the part for one of them."""
        self.page.locator(".auth-wrapper .authorize").click()
        return self.page.locator(".auth-container", has_text=f"{name} (OAuth2")

    def authorized(self, form):
        """Wait for the token, and close the dialog."""
        expect(form.get_by_text("Authorized", exact=True)).to_be_visible()
        self.photograph("authorized")
        self.page.locator(".modal-btn.btn-done").last.click()

    def sign_in(self, username, password):
        """Sign in with a password; the client is filled in already."""
        form = self.authorization("oauth2_password")
        form.get_by_label("username:").fill(username)
        form.get_by_label("password:").fill(password)
        form.locator("button", has_text="Authorize").click()
        self.authorized(form)

    def execute(self, operation, **parameters):
        """Try an operation out as it is documented; return status and body."""
        block = self.page.locator(f"#operations-{operation}")
        block.locator(".opblock-summary-control").click()
        block.get_by_role("button", name="Try it out").click()
        for name, value in parameters.items():
            block.get_by_placeholder(name).fill(value)
        with self.page.expect_response(lambda r: r.request.method != "HEAD") as found:
            block.get_by_role("button", name="Execute").click()
        shown = block.locator(".live-responses-table .response-col_status").last
        expect(shown).to_contain_text(str(found.value.status))
        shown.scroll_into_view_if_needed()
        self.photograph(operation)
        return found.value

    def photograph(self, name):
        self.page.screenshot(path=self.screenshots / f"{name}.png")


@pytest.fixture
def visit(browser, server, tmp_path):
    screenshots = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    screenshots.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    visit = Visit(context, server, screenshots)
    yield visit
    context.close()
    assert visit.complaints == []
    elsewhere = [url for url in visit.requests if not url.startswith(f"{server}/")]
    assert elsewhere == []


class TestSwaggerUI:
    def test_shows_the_operations(self, visit):
        visit.photograph("operations")
        expect(visit.page).to_have_title("apiserver")
        expect(visit.page.locator(".info .title")).to_contain_text("apiserver")
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

    def test_ignores_a_document_that_a_link_names(self, visit, server):
        visit.open(
            f"{server}/api/v1/?url=https://example.com/a&configUrl=/swagger-ui/b"
        )
        expect(visit.page.locator(".info .title")).to_contain_text("apiserver")
        visit.photograph("link")


class TestTryItOut:
    def test_with_a_password(self, visit):
        visit.sign_in("root", "q")

        me = visit.execute("users-get_me")
        assert me.status == 200
        assert me.json()["username"] == "root"

        created = visit.execute("teams-create_team")
        assert created.status == 201
        team_id = str(created.json()["id"])

        patched = visit.execute("teams-patch_team", team_id=team_id)
        assert patched.status == 200
        assert patched.request.headers["content-type"] == "application/json-patch+json"

        allowed = visit.execute("teams-options_team", team_id=team_id)
        assert allowed.status == 204
        assert allowed.headers["allow"] == "GET, HEAD, PATCH, DELETE, OPTIONS"

    def test_with_an_authorization_code(self, visit):
        form = visit.authorization("oauth2_code")
        with visit.page.expect_popup() as opened:
            form.locator("button", has_text="Authorize").click()
        window = opened.value
        window.get_by_label("User name").fill("user")
        window.get_by_label("Password").fill("w")
        window.get_by_role("button", name="Sign in").click()
        with window.expect_event("close"):
            window.get_by_role("button", name="Allow").click()
        visit.authorized(form)

        me = visit.execute("users-get_me")
        assert me.status == 200
        assert me.json()["username"] == "user"

    def test_with_a_code_that_the_user_has_refused(self, visit):
        form = visit.authorization("oauth2_code")
        with visit.page.expect_popup() as opened:
            form.locator("button", has_text="Authorize").click()
        window = opened.value
        window.get_by_label("User name").fill("internal")
        window.get_by_label("Password").fill("q")
        window.get_by_role("button", name="Sign in").click()
        with window.expect_event("close"):
            window.get_by_role("button", name="Deny").click()
        expect(form.locator(".errors")).to_contain_text("The user has said no.")
        visit.photograph("refused")
