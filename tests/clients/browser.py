"""Somebody's browser, in which a user signs in."""

import httpx
from bs4 import BeautifulSoup


def sign_in(url: str, username: str, password: str) -> str:
    """Follow the URL of a client, sign in, agree; return where that ends.

    The redirect URI is of the server itself, but need not be asked for.
    """
    with httpx.Client() as browser:
        page = browser.get(url, follow_redirects=True)
        answer = submit(browser, page, username=username, password=password)
        while "code=" not in answer.headers.get("Location", ""):
            if answer.is_redirect:
                answer = browser.get(answer.url.join(answer.headers["Location"]))
            else:
                answer = submit(browser, answer, decision="allow")
        return answer.headers["Location"]


def submit(browser: httpx.Client, page: httpx.Response, **fields: str):
    """Send the form of a page, with these fields filled in."""
    (form,) = BeautifulSoup(page.text, "html.parser").find_all("form")
    given = {str(i["name"]): str(i.get("value", "")) for i in form("input")}
    return browser.post(page.url.join(form["action"]), data=given | fields)
