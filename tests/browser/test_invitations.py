"""An invitation, in a browser: accepted by a new account, and by one that is there."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_account import NARROW
from tests.browser.visit import Visit

AXE = Axe()
PASSWORD = "an umbrella for the tortoise"


class Invited(Visit):
    """A visit of somebody whom the administrator invites."""

    def invite(self, email):
        """Invite an address, and open the link once a worker has mailed it."""
        form = {"grant_type": "password", "client_id": "documentation"}
        form |= {"username": "root", "password": "q"}
        post, api = self.page.request.post, f"{self.server}/api/v1"
        token = post(f"{self.server}/auth/oauth2/token", form=form).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        new = {"data": {"title": "Engineers"}, "headers": headers}
        team = post(f"{api}/teams/", **new).json()
        path = f"{api}/teams/{team['id']}/invitations/"
        sent = post(path, data={"email": email}, headers=headers)
        assert sent.status == 201
        row = self.page.locator("li, tr", has_text=email)
        for _ in range(100):
            self.open("/mail/")
            if row.count():
                break
            self.page.wait_for_timeout(200)
        row.first.get_by_role("link").click()
        text = self.page.locator("body").inner_text()
        # It begins with the issuer, and this server has another port.
        self.open(re.search(r"/account/invitation\?token=\S+", text)[0])
        assert self.page.url == f"{self.server}/account/invitation"

    def look(self, name):
        """Keep what the page looks like; fail for what axe finds, or what is wide."""
        self.photograph(name)
        assert AXE.run(self.page).response["violations"] == []
        across = self.page.evaluate("document.documentElement.scrollWidth")
        assert across == NARROW["width"]

    def click(self, name, kind="button"):
        self.page.get_by_role(kind, name=name, exact=True).click()

    def fill(self, **fields):
        for label, text in fields.items():
            self.page.get_by_label(label).fill(text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_makes_an_account_and_then_a_member_again(start, scheme):
    visit = start(Invited, color_scheme=scheme, viewport=NARROW)
    username = f"invited-{scheme}"
    visit.invite(f"{username}@example.com")
    visit.look(f"invitation-{scheme}-320")
    visit.fill(Username=username, Password="aaaaaaaaaaaaaaaa")
    visit.click("Create the account and accept")
    expect(visit.page.get_by_role("alert")).to_contain_text("too easy to guess")
    visit.look(f"invitation-easy-{scheme}-320")
    visit.fill(Password=PASSWORD)
    visit.click("Create the account and accept")
    expect(visit.page.get_by_role("status")).to_contain_text("is now a member")
    visit.look(f"invitation-joined-{scheme}-320")
    visit.invite(f"{username}-again@example.com")
    visit.click("Sign in to accept", "link")
    visit.fill(Username=username, Password=PASSWORD)
    visit.click("Sign in")
    expect(visit.page.get_by_text(f"You are signed in as {username}.")).to_be_visible()
    visit.look(f"invitation-signed-in-{scheme}-320")
    visit.click("Accept")
    expect(visit.page.get_by_role("status")).to_contain_text("is now a member")
    visit.open("/account/invitation")
    expect(visit.page.get_by_role("alert")).to_contain_text("Open the link of the mail")
    visit.look(f"invitation-none-{scheme}-320")
    # Browsers complain of each page that isn't a 200.
    statuses = [re.search(r"status of (\d+)", each)[1] for each in visit.complaints]
    assert statuses == ["422", "404"]
    visit.complaints.clear()
