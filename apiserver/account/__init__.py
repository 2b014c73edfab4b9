"""The account page: profile, password, deletion.

Other features show their part of an account on pages of their own.
"""

from pyramid.config import Configurator

from apiserver.account.actions import told_of_deletion
from apiserver.account.history import PERSONAL_EVENTS
from apiserver.account.resources import (
    DataResource,
    DeletionResource,
    EventsResource,
)
from apiserver.core import settings
from apiserver.core.audit import AuditEvent
from apiserver.users.resources import UserResource

# Routes, such as account_data for /account/data, and their place in the navigation.
PAGES = (
    ("account_profile", "Profile", "Your names, and your email address.", 10),
    ("account_password", "Password", "Change it; that signs you out elsewhere.", 30),
    ("account_history", "History", "What was done with your account, and when.", 110),
    ("account_data", "Your data", "Download all that is stored about you.", 120),
    ("account_delete", "Delete account", "For good, after some days.", 130),
)
# A hundred years.
MOST_DAYS = 36_500


def days(value: str) -> int:
    """A number of days, which may be 0."""
    return 0 if value.strip() == "0" else settings.count_up_to(MOST_DAYS)(value)


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("auth")
    config.add_setting("deletion_grace", days, "14")
    config.add_scope("account:read", "See your whole account.")
    config.add_scope("account:write", "Delete your account.")
    config.add_node("deletion", DeletionResource, below=UserResource)
    config.add_node("events", EventsResource, below=UserResource)
    config.add_node("data", DataResource, below=UserResource)
    config.add_personal_data("events", PERSONAL_EVENTS, by=AuditEvent.id)
    add_pages(config)
    for module in (".views", ".pages", ".jobs"):
        config.scan(module)
    # Without it nobody is notified of a deletion by mail.
    if config.uses_feature("mail"):
        config.include(".notices")


def add_pages(config: Configurator) -> None:
    for name, title, description, order in PAGES:
        methods = ("GET", "HEAD") if name == "account_history" else ()
        config.add_page(name, f"/{name.replace('_', '/')}", *methods)
        config.add_account_page(name, title, description, order=order)
    config.add_account_notice("account_delete", told_of_deletion)
