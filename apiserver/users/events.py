"""What other features may want to know of accounts; they subscribe to these classes."""

from dataclasses import dataclass
from typing import Any

from apiserver.users.models import User


@dataclass(frozen=True)
class PasswordChanged:
    """A user has a new password; what was granted under the old one has ended."""

    request: Any
    user: User
