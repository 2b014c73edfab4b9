"""What administrators do at ``/admin/``, in a browser."""

from playwright.sync_api import expect

from tests.browser.test_account import sign_in
from tests.browser.visit import Visit


class TestAdministration:
    def test_deactivates_and_activates_an_account(self, start):
        visit = start(Visit)
        sign_in(visit)
        page = visit.page
        page.get_by_role("link", name="Administration").first.click()
        page.get_by_label("Name or email address").fill("USER@")
        page.get_by_role("button", name="Find").click()
        visit.photograph("admin-accounts")
        page.get_by_role("link", name="user", exact=True).click()
        page.get_by_role("button", name="Deactivate").click()
        expect(page.get_by_role("button", name="Activate")).to_be_visible()
        visit.photograph("admin-account")
        page.get_by_role("link", name="What was done to the account").click()
        expect(page.get_by_text("is_active=False")).to_be_visible()
        visit.photograph("admin-log")
        page.go_back()
        page.get_by_role("button", name="Activate").click()
        expect(page.get_by_role("button", name="Deactivate")).to_be_visible()
