"""See and end a user's sessions, and the access of applications.

The rows are those of ``auth``; this feature has no tables of its own.
"""

from pyramid.config import Configurator

from apiserver.sessions.resources import SessionCollection
from apiserver.users.resources import UserResource


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("auth")
    config.add_scope("sessions:read", "See where you are signed in.")
    config.add_scope("sessions:write", "Sign you out of browsers.")
    config.add_node("sessions", SessionCollection, below=UserResource)
    add_pages(config)
    config.scan(".views")
    config.scan(".pages")


def add_pages(config: Configurator) -> None:
    config.add_page("account_sessions", "/account/sessions")
    config.add_account_page(
        "account_sessions",
        "Sessions",
        "Where you are signed in; sign out there.",
        order=60,
    )
    config.add_page("account_applications", "/account/applications")
    config.add_account_page(
        "account_applications",
        "Applications",
        "Which applications have access to your account; end it.",
        order=70,
    )
