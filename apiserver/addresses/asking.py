"""Requests that views and pages share, and that a worker completes."""

from typing import Any

from sqlalchemy import Executable

from apiserver.addresses import actions
from apiserver.addresses.jobs import (
    mail_address_change,
    mail_address_changed,
    mail_sign_up,
)
from apiserver.core.audit import record
from apiserver.core.db import commit_so_far
from apiserver.core.endpoints import Request
from apiserver.core.jobs import put
from apiserver.core.typing import Row
from apiserver.mail import limit_mails
from apiserver.users.events import AddressChanged, ChangedBy, SecurityChanged
from apiserver.users.models import User
from apiserver.users.names import canonical_address
from apiserver.users.permissions import UserPermission
from apiserver.users.preparing import prepare_account, refuse_closed
from apiserver.users.resources import lock_account

# The columns that a change of an address writes.
FIELDS = ("email", "canonical_email")


def prepare_sign_up(
    request: Request, values: dict[str, Any], *, is_trusted: bool = False
) -> None:
    """Do the slow work before anything is locked, as ``prepare_account`` does.

    Raises TooManyRequests, also for too many mails.
    """
    refuse_closed(request)
    limit_mails(request)
    # So that no request waits for two counters at once.
    commit_so_far(request)
    prepare_account(request, values, is_trusted=is_trusted)
    # It is decided when the address is confirmed.
    values.pop("is_active", None)


def prepare_sign_up_call(request: Request) -> None:
    """Prepare the sign-up that a call of the API asks for."""
    is_trusted = request.has_permission(UserPermission.CREATE)
    prepare_sign_up(request, request.validated["body"], is_trusted=is_trusted)


def ask_for_sign_up(request: Request, values: dict[str, Any]) -> None:
    """Store a prepared sign-up, and enqueue the mail to its address.

    Raises UsernameTaken.
    """
    lifetime = request.setting("sign_up_lifetime")
    row = actions.add_sign_up(request.db, lifetime=lifetime, **values)
    put(request.db, mail_sign_up, {"sign_up_id": row.id})
    record(request, "sign_up", target=f"sign_up:{row.id}")


def prepare_change(request: Request) -> None:
    """Count the mail before anything is locked; raise TooManyRequests."""
    limit_mails(request)
    commit_so_far(request)


def ask_for_change(request: Request, user: Row, email: str) -> None:
    """Store the address that a user wants, and enqueue the mail to it.

    ``user`` has id and epoch, and is locked. Raises SameAddress.
    """
    row = actions.add_change(
        request.db,
        user_id=user.id,
        epoch=user.epoch,
        email=email,
        lifetime=request.setting("address_change_lifetime"),
    )
    put(request.db, mail_address_change, {"change_id": row.id})
    target = f"address_change_of:{user.id}"
    record(request, "address_change_asked", actor_id=user.id, target=target)


def lock_owner(request: Request, statement: Executable, token: str) -> None:
    """Lock the account that a link is about, before other rows; raise LinkInvalid."""
    lock_account(request, actions.find(request.db, statement, token).id)


def confirm_change(request: Request, token: str) -> User:
    """Change the address of a locked account, as its link says.

    Raises LinkInvalid, EmailTaken.
    """
    user, old = actions.confirm_change(request.db, token)
    told(request, "address_changed", user, FIELDS)
    request.registry.notify(AddressChanged(request, user, old, ChangedBy.USER))
    return user


def take_back(request: Request, token: str) -> User:
    """Give a locked account its former address, as its link says.

    Raises LinkInvalid, EmailTaken.
    """
    user, old = actions.take_back(request.db, token)
    told(request, "address_taken_back", user, (*FIELDS, "epoch"))
    event = AddressChanged(request, user, old, ChangedBy.FORMER_ADDRESS)
    request.registry.notify(event)
    return user


def told(request: Request, action: str, user: User, fields: tuple[str, ...]) -> None:
    """Record what was done with a link, for which nobody has signed in."""
    record(request, action, target=f"user:{user.id}", fields=fields)


def tell_of_change(event: AddressChanged) -> None:
    """Notify the old address, unless it differs only in case or takes a change back."""
    if canonical_address(event.old) == event.user.canonical_email:
        return
    if event.by is ChangedBy.USER:
        keep_way_back(event)
    elif event.by is ChangedBy.ADMINISTRATOR:
        end_way_back(event)


def keep_way_back(event: AddressChanged) -> None:
    """Notify the old address, with a link that takes the change back."""
    request = event.request
    lifetime = request.setting("address_take_back_lifetime")
    row = actions.add_take_back(
        request.db, user_id=event.user.id, email=event.old, lifetime=lifetime
    )
    put(request.db, mail_address_changed, {"take_back_id": row.id})


def end_way_back(event: AddressChanged) -> None:
    """Notify the old address, and the former ones, whose links end.

    An administrator's change is final: the old mailbox may be in wrong hands, or the
    account have gone to somebody else.
    """
    request, user = event.request, event.user
    former = actions.end_links(request.db, user.id)
    told = {canonical_address(email): email for email in (*former, event.old)}
    told.pop(user.canonical_email, None)
    for email in told.values():
        about = (user.id, "address_replaced", "/auth/login")
        request.registry.notify(SecurityChanged(request.db, *about, email=email))
