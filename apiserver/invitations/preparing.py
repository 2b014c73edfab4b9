"""The slow work of a sign-up by invitation, done before anything is locked."""

from types import SimpleNamespace
from typing import Any

from apiserver.core.db import commit_so_far
from apiserver.core.endpoints import Request
from apiserver.invitations.resources import find
from apiserver.mail import limit_mails
from apiserver.users.password_rules import check_new_password
from apiserver.users.passwords import hash_unlocked
from apiserver.users.preparing import SignupClosed
from apiserver.users.throttle import count_or_refuse, sign_ups


def count_mail(request: Request) -> None:
    """Count a mail that the caller asks for; raise TooManyRequests for too many."""
    limit_mails(request)
    commit_so_far(request)


def may_sign_up(request: Request) -> bool:
    """Whether invited people without an account may create one."""
    allowed: bool = request.setting("invitation_signup")
    return allowed or request.setting("signup") != "closed"


def is_active_at_once(request: Request) -> bool:
    """Whether the new account needs no approval; the link proves its address."""
    allowed: bool = request.setting("invitation_signup")
    return allowed or request.setting("signup") != "approval"


def prepare_account(request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of the account that a link's holder creates.

    ``values`` are those of the schema SignUp. The link is checked first: without a
    valid one nothing is hashed. Raises LinkInvalid, SignupClosed, TooManyRequests,
    Busy, and what is wrong with the password.
    """
    token, password = values["token"], values["password"]
    columns = {k: v for k, v in values.items() if k not in {"token", "password"}}
    columns["email"] = find(request.db, token).email
    if not may_sign_up(request):
        raise SignupClosed
    counters = [sign_ups(request)]
    count_or_refuse(request, counters)
    commit_so_far(request)
    check_new_password(password, SimpleNamespace(**columns))
    hashed = hash_unlocked(request, password, counters)
    return {
        **columns,
        "password_digest": hashed.digest,
        "is_active": is_active_at_once(request),
    }


def prepare_sign_up(request: Request) -> None:
    """Hash the password, which is slow, before anything is locked."""
    request.validated["account"] = prepare_account(request, request.validated["body"])
