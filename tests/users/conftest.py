"""What the tests of accounts share: whose they are."""

from tests.project import admin, user

__all__ = ["admin", "user"]
