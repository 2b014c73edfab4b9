"""Jobs about lost passwords: they look up the account, and mail."""

from sqlalchemy import bindparam, select

from apiserver.core.audit import record_call, record_command
from apiserver.core.endpoints import Request
from apiserver.core.jobs import Run, job, put
from apiserver.mail import ATTEMPTS, link_to, send_mail
from apiserver.password_resets.actions import NoLink, make_link, may_reset
from apiserver.password_resets.schemas import Account, Address
from apiserver.users.events import PasswordChanged, SecurityChanged
from apiserver.users.models import User
from apiserver.users.names import canonical_address
from apiserver.users.resources import LOCK_ONE

WHOSE = select(User.id).where(User.canonical_email == bindparam("address"))


@job(takes=Address)
def find_account_of_address(run: Run, *, email: str) -> None:
    """Enqueue the mail of a link, if an account has the address.

    This is a job of its own, so that no address remains stored while a mail server is
    down.
    """
    row = run.db.row(WHOSE, {"address": canonical_address(email)})
    if row is not None:
        put(run.db, mail_password_reset, {"user_id": row.id})


def send_link(request: Request, account: User) -> None:
    """Enqueue the mail of a link to a user, at the calling administrator's request.

    The account is locked. Raises NoLink.
    """
    if not may_reset(account):
        raise NoLink
    put(request.db, mail_password_reset, {"user_id": account.id})
    target = f"password_reset_of:{account.id}"
    record_call(request, "password_reset_requested", target=target)


@job(takes=Account, attempts=ATTEMPTS)
def mail_password_reset(run: Run, *, user_id: int) -> None:
    """Mail a new link, if the account may have one; older links end."""
    run.db.row(LOCK_ONE, {"key": user_id})
    account = run.db.lock(User, user_id)
    if account is None or not may_reset(account):
        return
    lifetime: int = run.registry.settings["apiserver.password_reset_lifetime"]
    token = make_link(run.db, account, lifetime=lifetime)
    target = f"password_reset_of:{user_id}"
    record_command(run.db, "password_reset_mailed", target=target)
    values = {
        "username": account.username,
        "minutes": max(1, lifetime // 60),
        "link": link_to(run.registry, "/account/new-password", token=token),
    }
    if not send_mail(run, "password_reset", to=account.email, values=values):
        # The recipient has got too many mails: the older link, which was mailed, stays.
        run.db.rollback()


def tell_of_change(event: PasswordChanged) -> None:
    """Notify the user of a new password, unless a link has set it."""
    tell(event.request, event.user)


def tell(request: Request, account: User) -> None:
    """Enqueue a notice of a new password to the user's current address."""
    about = (account.id, "password_changed", "/account/lost-password")
    request.registry.notify(SecurityChanged(request.db, *about))
