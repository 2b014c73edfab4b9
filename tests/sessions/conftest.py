"""What the tests of sessions share: the project's application, and its browsers."""

from tests.project import app, browser, make_session, signed_in, user
