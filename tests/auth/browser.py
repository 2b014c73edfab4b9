"""A browser in front of the application, for the pages of ``/auth``."""

import re


class Browser:
    """A browser that keeps cookies and sends the form of the page that it shows."""

    def __init__(self, api):
        self.api = api
        self.cookies = {}
        self.page = None

    def call(self, method, path, form=None):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies} if cookies else {}
        self.page = self.api().call(method, path, form=form, headers=headers)
        for header in self.page.headers.getall("Set-Cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return self.page

    def submit(self, path, **fields):
        hidden = re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', self.page.text)
        return self.call("POST", path, {**dict(hidden), **fields})

    def sign_in(self, username, password):
        self.call("GET", "/auth/login")
        return self.submit("/auth/login", username=username, password=password)
