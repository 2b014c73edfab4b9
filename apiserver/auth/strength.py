"""What some accounts need besides a password: a feature of second factors says it.

::

    config.set_strength(Strength())     # by default: nothing
"""

from collections.abc import Collection

from pyramid.config import Configurator

from apiserver.core.endpoints import Request
from apiserver.core.registry import Registry
from apiserver.core.typing import Row


class Strength:
    """Any sign-in is enough for any account."""

    # The authentication context class that gives what is withheld.
    lacking: str | None = None

    def withheld(self, user: Row, amr: Collection[str]) -> frozenset[str]:
        """Return the global roles that the user doesn't hold by these methods.

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
    """Say what accounts need besides a password."""
    config.registry.strength = strength


def includeme(config: Configurator) -> None:
    config.registry.strength = Strength()
    config.add_directive("set_strength", set_strength)
