"""A visit to the server's pages in a real browser."""

import os
from pathlib import Path

from playwright.sync_api import expect
from pyramid.paster import get_appsettings

from tests.markdown import ROOT

# Where a person can look at what the tests have seen; git ignores it.
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS") or ROOT / "build/screenshots")
TIMEOUT = 60_000
# Of the server that is visited; one without a title has the default.
TITLE = get_appsettings(str(ROOT / "development.ini")).get(
    "apiserver.title", "apiserver"
)


class Visit:
    """A visit; it keeps what the pages complain of and ask for."""

    def __init__(self, context, server):
        self.complaints = []
        self.requests = []
        self.server = server
        context.set_default_timeout(TIMEOUT)
        context.on("page", self.watch)
        self.page = context.new_page()

    def watch(self, page):
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def hear(self, message):
        if message.type in {"error", "warning"}:
            place = message.location.get("url", "")
            self.complaints.append(f"{message.text} {place}".strip())

    def open(self, path):
        self.page.goto(self.server + path)

    def photograph(self, name, page=None):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (page or self.page).screenshot(path=SCREENSHOTS / f"{name}.png")


class Documentation(Visit):
    """A visit to Swagger UI."""

    def open(self, path="/api/v1/"):
        super().open(path)
        expect(self.page.locator(".opblock")).not_to_have_count(0)

    def operation(self, name):
        return self.page.locator(f"#operations-{name}")

    def show_options(self):
        self.page.get_by_label("Show OPTIONS").check()

    def authorization(self, name):
        """Open the dialog of sign-ins; return the part for one of them."""
        self.page.locator(".auth-wrapper .authorize").click()
        return self.page.locator(".auth-container", has_text=f"{name} (OAuth2")

    def authorized(self, form):
        """Wait for the token, and close the dialog."""
        expect(form.get_by_text("Authorized", exact=True)).to_be_visible()
        self.photograph("authorized")
        self.page.locator(".close-modal").click()

    def sign_in(self, username, password, *scopes):
        """Sign in with a password; the client is filled in already."""
        form = self.authorization("oauth2_password")
        form.get_by_text("With a password").click()
        form.get_by_label("username:").fill(username)
        form.get_by_label("password:").fill(password)
        for scope in scopes:
            form.locator(f"label[for^='{scope}-']").first.click()
        form.locator("button", has_text="Authorize").click()
        self.authorized(form)

    def ask_for_code(self, username, password):
        """Sign in at the server, in the window that opens; return that and the form."""
        form = self.authorization("oauth2_code")
        with self.page.expect_popup() as opened:
            form.get_by_role("button", name="Sign in").click()
        window = opened.value
        window.get_by_label("Username").fill(username)
        window.get_by_label("Password").fill(password)
        self.photograph("login", window)
        window.get_by_role("button", name="Sign in").click()
        expect(window.get_by_role("button", name="Allow")).to_be_visible()
        self.photograph("consent", window)
        return window, form

    def execute(self, operation, **parameters):
        """Try an operation out as it is documented; return the response."""
        block = self.operation(operation)
        block.locator(".opblock-summary-control").click()
        block.get_by_role("button", name="Try it out").click()
        for name, value in parameters.items():
            block.get_by_placeholder(name).fill(str(value))
        with self.page.expect_response(lambda r: r.request.method != "HEAD") as found:
            block.get_by_role("button", name="Execute").click()
        shown = block.locator(".live-responses-table .response-col_status").last
        expect(shown).to_contain_text(str(found.value.status))
        shown.scroll_into_view_if_needed()
        self.photograph(operation)
        block.locator(".opblock-summary-control").click()
        return found.value
