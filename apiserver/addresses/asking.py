"""What is asked for by views and pages alike, and done by a worker."""

from typing import Any

from apiserver.addresses import actions
from apiserver.addresses.jobs import mail_sign_up
from apiserver.core.audit import record
from apiserver.core.db import commit_so_far
from apiserver.core.endpoints import Request
from apiserver.core.jobs import put
from apiserver.mail import limit_mails
from apiserver.users.permissions import UserPermission
from apiserver.users.preparing import prepare_account, refuse_closed


def prepare_sign_up(
    request: Request, values: dict[str, Any], *, is_trusted: bool = False
) -> None:
    """Do what takes long before anything is locked, as ``prepare_account`` does.

    Raises TooManyRequests for too many mails, too.
    """
    refuse_closed(request)
    limit_mails(request)
    # Nobody waits for two counters at once.
    commit_so_far(request)
    prepare_account(request, values, is_trusted=is_trusted)
    # It is decided when the address is confirmed.
    values.pop("is_active", None)


def prepare_sign_up_call(request: Request) -> None:
    """Prepare the sign-up that a call of the API asks for."""
    is_trusted = request.has_permission(UserPermission.CREATE)
    prepare_sign_up(request, request.validated["body"], is_trusted=is_trusted)


def ask_for_sign_up(request: Request, values: dict[str, Any]) -> None:
    """Store a sign-up that is prepared, and let its address be mailed to.

    Raises UsernameTaken.
    """
    lifetime = request.setting("sign_up_lifetime")
    row = actions.add_sign_up(request.db, lifetime=lifetime, **values)
    put(request.db, mail_sign_up, {"sign_up_id": row.id})
    record(request, "sign_up", target=f"sign_up:{row.id}")
