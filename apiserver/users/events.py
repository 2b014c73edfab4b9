"""What other features may want to know of accounts; they subscribe to these classes."""

from dataclasses import dataclass

from apiserver.core.endpoints import Request
from apiserver.users.models import User


@dataclass(frozen=True)
class PasswordChanged:
    """A user has a new password; what was granted under the old one has ended."""

    request: Request
    user: User


@dataclass(frozen=True)
class AddressChanged:
    """An account has another address than ``old``; its users have wanted it, or not."""

    request: Request
    user: User
    old: str
    by_user: bool


@dataclass(frozen=True)
class AccountLocking:
    """An account will be locked, maybe to lose rights; then it is too late for others.

    Whoever has to lock rows because of that, as those of teams, does it now.
    """

    request: Request
    user_id: int
