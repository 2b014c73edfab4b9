"""A lost password, in a browser: from the login page by the mail to a new one."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_account import NARROW
from tests.browser.visit import Visit
from tests.users.accounts import newcomer

AXE = Axe()
NEW = "an umbrella for the tortoise"


class Forgetful(Visit):
    """A visit of somebody who has just signed up, and forgotten the password."""

    def sign_up(self, username):
        person = newcomer(username=username, email=f"{username}@example.com")
        url = f"{self.server}/api/v1/users/"
        assert self.page.request.post(url, data=person).status == 201

    def look(self, name):
        """Keep what the page looks like; fail for what axe finds, or what is wide."""
        self.photograph(name)
        assert AXE.run(self.page).response["violations"] == []
        across = self.page.evaluate("document.documentElement.scrollWidth")
        assert across == NARROW["width"]

    def click(self, name, kind="button"):
        self.page.get_by_role(kind, name=name, exact=True).click()

    def follow_mail(self, recipient):
        """Open the link of the newest mail, as soon as a worker has sent it."""
        row = self.page.locator("li, tr", has_text=recipient)
        for _ in range(100):
            self.open("/mail/")
            if row.count():
                break
            self.page.wait_for_timeout(200)
        row.first.get_by_role("link").click()
        text = self.page.locator("body").inner_text()
        # It begins with the issuer, and this server has another port.
        self.open(re.search(r"/account/new-password\?token=\S+", text)[0])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_leads_to_a_new_one(start, scheme):
    visit = start(Forgetful, color_scheme=scheme, viewport=NARROW)
    username = f"forgetful-{scheme}"
    visit.sign_up(username)
    visit.open("/auth/login")
    visit.click("Forgot your password?", "link")
    visit.look(f"lost-password-{scheme}-320")
    visit.page.get_by_label("Email address").fill(f"{username}@example.com")
    visit.click("Send the link")
    expect(visit.page.get_by_role("status")).to_contain_text("If an account has")
    visit.look(f"lost-password-asked-{scheme}-320")
    visit.follow_mail(f"{username}@example.com")
    visit.look(f"new-password-{scheme}-320")
    link = visit.page.url
    password = visit.page.get_by_label("New password")
    password.fill("aaaaaaaaaaaaaaaa")
    visit.click("Set the password")
    expect(visit.page.get_by_role("alert")).to_contain_text("too easy to guess")
    visit.look(f"new-password-easy-{scheme}-320")
    password.fill(NEW)
    visit.click("Set the password")
    expect(visit.page.get_by_role("heading")).to_have_text("Your password is set")
    visit.look(f"new-password-set-{scheme}-320")
    visit.click("Sign in", "link")
    visit.page.get_by_label("Username").fill(username)
    visit.page.get_by_label("Password").fill(NEW)
    visit.click("Sign in")
    expect(visit.page.get_by_role("heading", name="Your account")).to_be_visible()
    visit.page.goto(link)
    expect(visit.page.get_by_role("link", name="Get another link")).to_be_visible()
    visit.look(f"new-password-over-{scheme}-320")
    # Browsers complain of each page that isn't a 200.
    statuses = [re.search(r"status of (\d+)", each)[1] for each in visit.complaints]
    assert statuses == ["422", "404"]
    visit.complaints.clear()
