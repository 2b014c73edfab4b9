"""What accounts need besides a password, as a feature of second factors declares.

::

    config.set_strength(Strength())     # by default: nothing
"""

from collections.abc import Collection

from pyramid.config import Configurator

from apiserver.core.endpoints import Request
from apiserver.core.registry import Registry
from apiserver.core.typing import Row


class Strength:
    """The default: any sign-in is enough for any account."""

    # The authentication context class that restores withheld roles.
    lacking: str | None = None

    def withheld(self, user: Row, amr: Collection[str]) -> frozenset[str]:
        """Return the global roles that these methods don't give the user.

        ``user`` is a row with the roles of the account.
        """
        return frozenset()

    def refusal(
        self, request: Request, user_id: int, amr: Collection[str]
    ) -> str | None:
        """Return why the account can't sign in by these methods alone, or None."""
        return None


def strength_of(registry: Registry) -> Strength:
    strength: Strength = registry.strength
    return strength


def set_strength(config: Configurator, strength: Strength) -> None:
    """Set what accounts need besides a password."""
    config.registry.strength = strength


def includeme(config: Configurator) -> None:
    config.registry.strength = Strength()
    config.add_directive("set_strength", set_strength)
