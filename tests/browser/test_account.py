"""The pages of one's account in a browser.

That all fit a telephone, light and dark, is shown by ``test_accessibility.py``.
"""

from pathlib import Path

import orjson
from playwright.sync_api import expect

from tests.browser.visit import Visit

NARROW = {"width": 320, "height": 640}


def sign_in(visit, username="root", password="q"):
    visit.open("/account/")
    visit.page.get_by_label("Username").fill(username)
    visit.page.get_by_label("Password").fill(password)
    visit.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(visit.page.get_by_role("heading", name="Your account")).to_be_visible()


class TestAccount:
    def test_makes_and_revokes_a_token(self, start):
        visit = start(Visit)
        sign_in(visit)
        visit.page.get_by_role("link", name="Tokens").first.click()
        visit.page.get_by_label("Name").fill("a script of mine")
        visit.page.get_by_label("teams:read").check()
        visit.page.get_by_role("button", name="Create the token").click()
        expect(visit.page.get_by_role("status")).to_contain_text("app_")
        visit.photograph("account-token-created")
        visit.page.get_by_role("button", name="Revoke a script of mine").click()
        expect(visit.page.get_by_text("You have no tokens.")).to_be_visible()
        expect(visit.page.get_by_role("status")).to_have_count(0)

    def test_signs_out_of_another_browser(self, start):
        visit, other = start(Visit), start(Visit)
        sign_in(visit)
        sign_in(other)
        visit.open("/account/sessions")
        visit.photograph("account-sessions")
        visit.page.get_by_role("button", name="Sign out of all other browsers").click()
        expect(visit.page.locator(".items > li")).to_have_count(1)
        other.open("/account/")
        expect(other.page.get_by_label("Password")).to_be_visible()

    def test_changes_the_profile(self, start):
        visit = start(Visit)
        sign_in(visit)
        visit.page.get_by_role("link", name="Profile").first.click()
        visit.page.get_by_label("First name").fill("Ada")
        visit.page.get_by_role("button", name="Save").click()
        expect(visit.page.get_by_role("status")).to_contain_text("is saved")
        visit.page.get_by_role("link", name="History").first.click()
        expect(visit.page.locator(".items > li").first).to_contain_text("Profile")

    def test_downloads_what_is_stored(self, start):
        visit = start(Visit)
        sign_in(visit)
        visit.open("/account/data")
        with visit.page.expect_download() as download:
            visit.page.get_by_role("button", name="Download").click()
        data = orjson.loads(Path(download.value.path()).read_bytes())
        assert data["profile"][0]["username"] == "root"

    def test_requests_a_deletion_and_keeps_the_account(self, start):
        visit = start(Visit)
        sign_in(visit, "user", "w")
        visit.open("/account/delete")
        visit.page.get_by_role("button", name="Delete my account").click()
        heading = visit.page.get_by_role("heading", name="will be deleted")
        expect(heading).to_be_visible()
        visit.photograph("account-deletion-requested")
        sign_in(visit, "user", "w")
        visit.photograph("account-overview-deletion")
        visit.page.get_by_role("link", name="More").click()
        visit.page.get_by_role("button", name="Keep my account").click()
        expect(
            visit.page.get_by_role("button", name="Delete my account")
        ).to_be_visible()
