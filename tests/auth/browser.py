"""A browser in front of the application, for the pages of ``/auth``."""

import re
from functools import cache
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from tests.conformance.flow import AUTHORIZE, redemption, target
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.settings import TESTING, make

__all__ = ["Browser", "home", "password_grant", "redemption", "said", "told"]


@cache
def home():
    """Return where a sign-in leads that was on the way to nowhere else."""
    return "/account/" if make(TESTING).registry.pages.account else "/auth/login"


class Browser:
    """A browser that keeps cookies and sends the form of the page that it shows.

    It sends ``headers`` with each request.
    """

    def __init__(self, api):
        self.api = api
        self.cookies = {}
        self.headers = {}
        self.page = None

    def call(self, method, path, form=None):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**self.headers, **({"Cookie": cookies} if cookies else {})}
        self.page = self.api().call(method, path, form=form, headers=headers)
        for header in self.page.headers.getall("Set-Cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return self.page

    def submit(self, path, **fields):
        hidden = re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', self.page.text)
        filled = {name: unescape(value) for name, value in hidden}
        return self.call("POST", path, {**filled, **fields})

    def press(self, path, **fields):
        """Send the form of these fields alone, where the page has several."""
        csrf = re.search(r'name="csrf" value="(\w+)"', self.page.text)[1]
        return self.call("POST", path, {"csrf": csrf, **fields})

    def sign_in(self, username, password):
        self.call("GET", "/auth/login")
        return self.submit("/auth/login", username=username, password=password)

    def ask(self, client, **changes):
        """Ask the user for access, and return the page, or where it leads."""
        return self.call("GET", target(client, **changes))

    def decide(self, decision="allow"):
        """Answer the consent page, and return what the client is told."""
        return told(self.submit(AUTHORIZE, decision=decision))


def told(response):
    """Return the parameters with which a browser is led to a client."""
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def said(page):
    """Return what the page says of a mistake."""
    return unescape(re.search(r'role="alert">(.+?)<', page.text)[1])


def password_grant(username, client, password=PASSWORD):
    """Return the form that gets tokens by a password, for a confidential client."""
    return {
        "grant_type": "password",
        "username": username,
        "password": password,
        "client_id": client.client_id,
        "client_secret": CLIENT_SECRET,
    }
