"""What other features may want to know of accounts; they subscribe to these classes."""

import enum
from dataclasses import dataclass

from apiserver.core.db import Session
from apiserver.core.endpoints import Request
from apiserver.users.models import User


@dataclass(frozen=True)
class PasswordChanged:
    """A user who has proven the old password has set a new one.

    What was granted under the old one has ended. Links and commands, by which somebody
    sets a password without the old one, don't tell.
    """

    request: Request
    user: User


class ChangedBy(enum.Enum):
    """Who has changed the address of an account."""

    USER = enum.auto()
    ADMINISTRATOR = enum.auto()
    # Whoever has the link that takes a change back.
    FORMER_ADDRESS = enum.auto()


@dataclass(frozen=True)
class SecurityChanged:
    """What guards an account has changed; its user is told, who may not have done it.

    ``mail`` is the name of what tells so, where there is mail, ``about`` which of its
    kind; it leads to ``page``, a path. ``email`` is where it goes, if not to the
    account's address.
    """

    db: Session
    user_id: int
    mail: str
    page: str
    about: str = ""
    email: str = ""


@dataclass(frozen=True)
class AddressChanged:
    """An account, which is locked, has another address than ``old``."""

    request: Request
    user: User
    old: str
    by: ChangedBy


@dataclass(frozen=True)
class AccountLocking:
    """An account will be locked, maybe to lose rights; then it is too late for others.

    Whoever has to lock rows because of that, as those of teams, does it now.
    """

    db: Session
    user_id: int


@dataclass(frozen=True)
class DeletionAsked:
    """Somebody asks for an account's deletion; whoever needs it raises StillNeeded.

    Nothing is locked for that: it is decided when the row is deleted.
    """

    db: Session
    user_id: int


@dataclass(frozen=True)
class AccountDeleting:
    """The row of an account, which is locked, is about to be deleted.

    What refers to it by a foreign key goes with it. Whoever has its names or its
    address besides deletes them now; whoever needs the account raises StillNeeded.
    """

    db: Session
    user: User
