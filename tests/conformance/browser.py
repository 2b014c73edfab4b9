"""A browser without a person: it keeps cookies, reads pages and sends their forms."""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import httpx
from bs4 import BeautifulSoup

from tests.conformance.server import Server
from tests.factories import PASSWORD


@dataclass(frozen=True)
class Form:
    """The form of a page."""

    action: str
    method: str
    fields: dict[str, str]
    buttons: tuple[str, ...]


def form_of(page: httpx.Response) -> Form:
    """Read the only form of a page."""
    (form,) = BeautifulSoup(page.text, "html.parser").find_all("form")
    return Form(
        action=str(form["action"]),
        method=str(form["method"]),
        fields={str(i["name"]): str(i.get("value", "")) for i in form("input")},
        buttons=tuple(str(button.get("value", "")) for button in form("button")),
    )


def text_of(page: httpx.Response) -> str:
    """Return what a person reads."""
    return " ".join(BeautifulSoup(page.text, "html.parser").get_text(" ").split())


class Browser:
    """Somebody's browser; it follows redirects only when it is told to."""

    def __init__(self, server: Server, cookies: dict[str, str] | None = None) -> None:
        self.server = server
        self.cookies = dict(cookies or {})

    def call(self, method: str, target: str, **kw: Any) -> httpx.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies} if cookies else {}
        headers |= kw.pop("headers", {})
        response = self.server.call(method, target, headers=headers, **kw)
        for header in response.headers.get_list("set-cookie"):
            self.keep(header)
        return response

    def keep(self, header: str) -> None:
        """Keep or forget a cookie, as the server says."""
        for name, morsel in SimpleCookie(header).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value

    def get(self, target: str, **kw: Any) -> httpx.Response:
        return self.call("GET", target, **kw)

    def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Send the form of a page, with these fields filled in."""
        form = form_of(page)
        return self.call(form.method.upper(), form.action, data=form.fields | fields)

    def sign_in(
        self, user: Any, target: str = "", password: str = PASSWORD
    ) -> httpx.Response:
        """Sign in on the login page, which then leads to the target."""
        page = self.get(f"/auth/login?{urlencode({'next': target})}")
        return self.submit(page, username=user.username, password=password)

    def follow(self, response: httpx.Response) -> httpx.Response:
        """Go where a redirect of this server leads."""
        return self.get(response.headers["location"])

    def consent(self, page: httpx.Response, decision: str = "allow") -> httpx.Response:
        """Answer the consent page."""
        return self.submit(page, decision=decision)
