"""What the tests of the administrators' pages share."""

import pytest

from tests.auth.browser import Browser
from tests.factories import PASSWORD
from tests.project import an_hour_later, app, make_session


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
        page = browser.call("GET", path)
        assert page.status_int == 200
        page = browser.submit(to or path, **fields)
        if page.status_int == 303:
            page = browser.call("GET", page.headers["Location"])
        return page

    return send
