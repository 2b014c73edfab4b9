"""Pages for administrators: accounts, the audit log, jobs that have failed.

They follow the rules and take the locks of the API's endpoints, and record the same
events. Other features add facts about an account, and actions on it, with
``add_user_fact`` and ``add_user_act``.
"""

from pyramid.config import Configurator

from apiserver.core.typing import Row


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("auth")
    config.require_feature("sessions")
    config.require_feature("audit")
    config.add_page("admin", "/admin/")
    config.add_page("admin_user", "/admin/user")
    config.add_page("admin_client", "/admin/client", "POST", is_target=False)
    config.add_page("admin_log", "/admin/log")
    config.add_page("admin_jobs", "/admin/jobs")
    config.add_account_page(
        "admin",
        "Administration",
        "Accounts, the audit log, and jobs that have failed.",
        shown=is_administrator,
        order=200,
    )
    config.scan(".pages")


def is_administrator(user: Row) -> bool:
    return bool(user.is_admin)
