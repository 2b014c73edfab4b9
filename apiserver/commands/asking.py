"""New passwords: typed at a terminal, or read from a pipe."""

import getpass
import sys

from apiserver.commands.running import CommandError
from apiserver.core.schemas import validated
from apiserver.users.password_rules import check_new_password
from apiserver.users.schemas import NewPassword

NONE = "No password: type one, or pipe it in."


def new_password(account: object) -> str:
    """Ask for a new password; raise CommandError or ValidationFailed.

    ``account`` has the attributes that the password must not be made of.
    """
    try:
        password = typed() if sys.stdin and sys.stdin.isatty() else piped()
    except EOFError:
        raise CommandError(NONE) from None
    except UnicodeDecodeError:
        raise CommandError("The password is not valid UTF-8.") from None
    values = validated(NewPassword(), "password", {"password": password})
    spelled: str = values["password"]
    check_new_password(spelled, account)
    return spelled


def typed() -> str:
    """Ask at the terminal, twice; nothing is shown while it is typed."""
    password = getpass.getpass("Password: ")
    if getpass.getpass("Repeat password: ") != password:
        raise CommandError("The passwords do not match.")
    return password


def piped() -> str:
    """Read a line, as a script sends it; raise EOFError where there is none."""
    line = sys.stdin.readline() if sys.stdin else ""
    if not line:
        raise EOFError
    return line.removesuffix("\n").removesuffix("\r")
