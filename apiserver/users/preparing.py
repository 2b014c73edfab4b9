"""What takes long in a change of accounts, done before anything is locked.

Captchas are verified, passwords hashed: meanwhile the request holds neither a lock nor
a connection. What was found out is looked at again under the locks, by the views.
"""

from types import SimpleNamespace
from typing import Any

from apiserver.core.db import commit_so_far
from apiserver.core.endpoints import Request
from apiserver.core.http import Forbidden, ValidationFailed
from apiserver.users.captcha import check_captcha
from apiserver.users.password_rules import PERSONAL, check_new_password
from apiserver.users.passwords import (
    confirm_password,
    hash_unlocked,
)
from apiserver.users.permissions import UserPermission
from apiserver.users.throttle import Counter, count_or_refuse, sign_ups

# The value of ``apiserver.signup`` with which a link has to be opened first.
VERIFIED = "verified"


class SignupClosed(Forbidden):
    sentence = "Sign-up is closed; ask an administrator."


class SignupUnverified(Forbidden):
    """Strangers sign up where their address is verified: the feature ``addresses``."""

    sentence = "Sign up at /users/sign-ups: a mail with a link follows."


class NotConfirmed(ValidationFailed):
    """A change of an account begins with a test of the caller's password."""

    def __init__(self) -> None:
        untested = "The patch must begin with a test of it."
        super().__init__(("body", "current_password", untested))


class PasswordOfAnother(Forbidden):
    """Nobody may know a password that somebody else signs in with."""

    sentence = (
        "Only users themselves set their passwords. To block an account at once, set "
        "is_active to false; operators have the command apiserver set-password."
    )
    link = " POST /users/{user_id}/password-resets/ mails the user a link."


def prepare_user(request: Request) -> None:
    """Do what takes long before anything is locked: captcha and hash."""
    is_trusted = request.has_permission(UserPermission.CREATE)
    if not is_trusted and request.setting("signup") == VERIFIED:
        raise SignupUnverified
    prepare_account(request, request.validated["body"], is_trusted=is_trusted)


def prepare_account(
    request: Request, values: dict[str, Any], *, is_trusted: bool
) -> None:
    """Make the columns of a new account of what was sent: hash the password.

    Of strangers the sign-ups are counted, and the captcha is verified. Raises
    SignupClosed, TooManyRequests, CaptchaFailed, PasswordIsPersonal, PasswordIsEasy,
    Busy.
    """
    answer = values.pop("recaptcha_key")
    counters: list[Counter] = []
    if not is_trusted:
        refuse_closed(request)
        counters.append(sign_ups(request))
        count_or_refuse(request, counters)
    commit_so_far(request)
    if not is_trusted:
        check_captcha(request, answer)
        values["is_active"] = becomes_active(request)
    password = values.pop("password")
    check_new_password(password, SimpleNamespace(**values))
    values["password_digest"] = hash_unlocked(request, password, counters).digest


def refuse_closed(request: Request) -> None:
    """Raise SignupClosed where nobody may sign up."""
    if request.setting("signup") == "closed":
        raise SignupClosed


def becomes_active(request: Request) -> bool:
    """Whether who signs up may sign in without an administrator's approval."""
    return bool(request.setting("signup") != "approval")


def must_confirm(request: Request) -> bool:
    """Whether users confirm a new address of their own, before it is theirs."""
    is_open = request.setting("signup") == "open"
    return "addresses" in request.registry.features and not is_open


def prepare_patch(request: Request) -> None:
    """Do what takes long before anything is locked: compare a hash, make another."""
    patch = request.validated["patch"]
    if patch.is_empty:
        return
    refuse_password_of_another(request)
    if "current_password" not in patch.tested:
        raise NotConfirmed
    confirmed = confirm_password(request, patch.tested["current_password"])
    request.validated["confirmed"] = confirmed
    request.validated["new_password"] = None
    if "password" not in patch.written:
        return
    account = request.context.user
    values = {name: getattr(account, name) for name in PERSONAL}
    values |= patch.apply(account)
    if "password" in values:
        check_new_password(values["password"], SimpleNamespace(**values))
        hashed = hash_unlocked(request, values["password"])
        request.validated["new_password"] = hashed


def refuse_password_of_another(request: Request) -> None:
    """Raise PasswordOfAnother for a patch that sets another user's password."""
    user_id: int = request.context.user.id
    writes = "password" in request.validated["patch"].written
    if not writes or user_id == request.caller_id:
        return
    has_links = "password_resets" in request.registry.features
    link = PasswordOfAnother.link.format(user_id=user_id) if has_links else ""
    raise PasswordOfAnother(PasswordOfAnother.sentence + link)
