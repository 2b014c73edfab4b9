"""Signing up and changing an address in a real browser."""

import re
import time

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit
from tests.factories import PASSWORD
from tests.forked import serve
from tests.served import clean_environment, development_ini
from tests.tools import needs

pytestmark = [pytest.mark.slow, needs("chromium")]

NARROW = {"width": 320, "height": 640}
PATIENCE = 60
SETTINGS = {"APISERVER_SIGNUP": "verified", "APISERVER_CAPTCHA": "off"}


@pytest.fixture(scope="module")
def verifying(tmp_path_factory, make_database):
    """The URL of a server that verifies addresses, and asks for no captcha."""
    ini = development_ini(tmp_path_factory.mktemp("verifying"))
    environment = clean_environment(DATABASE_URL=make_database(), **SETTINGS)
    with serve(ini, environment) as url:
        yield url


def mailed(url, path):
    """Return the path of a link with its token, once the worker has mailed it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for mail in re.findall(r'href="(/mail/\d+)"', httpx.get(f"{url}/mail/").text):
            found = re.search(rf"{path}\?token=apl_[\w-]+", httpx.get(url + mail).text)
            if found:
                return found[0]
        time.sleep(0.2)
    raise TimeoutError(f"No mail leads to {path}.")


class Person(Visit):
    """Somebody in front of the pages, on a telephone."""

    def fill(self, **fields):
        for label, value in fields.items():
            self.page.get_by_label(label, exact=True).fill(value)

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, text, name):
        expect(self.page.get_by_text(text)).to_be_visible()
        across = self.page.evaluate("document.documentElement.scrollWidth")
        assert (name, across) == (name, NARROW["width"])
        self.photograph(f"{name}-320")


def test_signs_up_signs_in_and_changes_the_address(start, verifying):
    visit = start(Person, verifying, viewport=NARROW, color_scheme="dark")
    visit.open("/auth/login")
    visit.page.get_by_role("link", name="Sign up").click()
    visit.sees("We send a link to it", "sign-up")
    visit.fill(Username="grace", Password=PASSWORD)
    visit.fill(**{"Email address": "grace@example.com"})
    visit.press("Sign up")
    visit.sees("We have sent a mail to", "mailed")
    visit.open(mailed(verifying, "/account/confirm"))
    visit.sees("Somebody has signed up as grace", "confirm-sign-up")
    visit.press("It was me: create the account")
    visit.sees("Your address is confirmed", "signed-up")
    visit.page.get_by_role("link", name="Sign in").click()
    visit.fill(Username="grace", Password=PASSWORD)
    visit.press("Sign in")
    expect(visit.page.get_by_role("heading", name="Your account")).to_be_visible()
    visit.open("/account/address")
    visit.fill(**{"New address": "hopper@example.com"})
    visit.press("Send the link")
    visit.sees("We have sent a mail to hopper@example.com", "address-mailed")
    visit.open(mailed(verifying, "/account/confirm-address"))
    visit.sees("wants mails to go to", "confirm-address")
    visit.press("Confirm the address")
    visit.sees("is now hopper@example.com", "address-confirmed")
