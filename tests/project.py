"""What the tests of features share: the project's application, its users and browsers.

A ``conftest.py`` imports what the folder's tests use.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from apiserver.auth.models import BrowserSession, OAuth2Grant
from apiserver.core.db import now
from tests import factories
from tests.auth.browser import Browser
from tests.problems import problem

# What is answered to whoever has signed in too long ago.
STALE = problem(401, "This requires a more recent sign-in.")


@pytest.fixture(scope="session")
def app(make_project_app: Callable[..., Any]) -> Any:
    """The application with all features of the project."""
    return make_project_app()


@pytest.fixture
def user(make_user: Callable[..., Any]) -> Any:
    return make_user()


@pytest.fixture
def admin(make_user: Callable[..., Any]) -> Any:
    return make_user("admin")


@pytest.fixture
def browser(api: Any) -> Browser:
    return Browser(api)


@pytest.fixture
def signed_in(browser: Browser, user: Any) -> Browser:
    """The browser, in which the user has signed in by the password."""
    browser.sign_in(user.username, factories.PASSWORD)
    return browser


@pytest.fixture
def make_session(db: Any) -> Callable[..., Any]:
    """A function that makes a session of a user in a browser."""
    return lambda *args, **kw: factories.make_session(db, *args, **kw)


@pytest.fixture
def an_hour_later(db: Any) -> Callable[[], None]:
    """A function that lets everybody have signed in an hour ago."""

    def wait() -> None:
        for model in (OAuth2Grant, BrowserSession):
            db.execute(update(model).values(auth_time=now() - timedelta(hours=1)))

    return wait


@pytest.fixture
def refused_later(
    signed_in: Browser, an_hour_later: Callable[[], None]
) -> Callable[..., str]:
    """A function that sends a page's form an hour after the sign-in.

    It leads to the login page; returned is what the page shows by then.
    """

    def send(path: str, **fields: str) -> Any:
        form = signed_in.call("GET", path)
        an_hour_later()
        page = signed_in.call("GET", path)
        signed_in.page = form
        answer = signed_in.submit(path, **fields)
        assert answer.headers["Location"].startswith("/auth/login?next=")
        return page.text

    return send
