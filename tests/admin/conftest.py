"""What the tests of the administrators' pages share."""

import pytest

from tests.auth.browser import Browser
from tests.factories import PASSWORD
from tests.project import an_hour_later, app, make_session, user


@pytest.fixture
def admin(make_user):
    return make_user("admin", username="grace", email="grace@example.com")


@pytest.fixture
def browser(api, admin):
    """A browser in which an administrator has just signed in."""
    browser = Browser(api)
    browser.sign_in(admin.username, PASSWORD)
    return browser


@pytest.fixture
def press(browser):
    """A function that presses a button of a page, and returns what comes next."""

    def send(path, to=None, **fields):
        assert browser.call("GET", path).status_int == 200
        page = browser.submit(to or path, **fields)
        if page.status_int == 303:
            page = browser.call("GET", page.headers["Location"])
        return page

    return send


@pytest.fixture
def done(events):
    """A function that returns what was done, since the administrator has signed in."""
    return lambda: [e for e in events() if e["action"] != "sign_in"]
