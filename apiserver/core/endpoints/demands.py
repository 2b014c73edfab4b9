"""How the caller of an operation must have signed in, besides being permitted it.

An operation says it by ``fresh=`` and ``acr=`` (RFC 9470).
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from apiserver.core.db.base import now
from apiserver.core.tree.policy import Identity
from apiserver.core.tree.step_up import InsufficientAuthentication


class Demand(NamedTuple):
    """How the user must have signed in: within so many seconds, and to which class.

    The seconds may be those of a setting, by its name without the prefix.
    """

    fresh: int | str | None = None
    acr: str | None = None

    def max_age(self, settings: Mapping[str, Any]) -> int | None:
        """Return the seconds, of the settings where they are named."""
        if isinstance(self.fresh, str):
            return int(settings[f"apiserver.{self.fresh}"])
        return self.fresh

    def resolved(self, settings: Mapping[str, Any]) -> "Demand":
        """Return the same demand, with the seconds in the place of a setting's name."""
        return Demand(self.max_age(settings), self.acr)

    def described(self) -> dict[str, int | str]:
        """Return what the document says of a demand that is resolved."""
        members = {"x-max-age": self.fresh, "x-acr": self.acr}
        return {name: value for name, value in members.items() if value is not None}

    def refusals(self) -> Iterator[InsufficientAuthentication]:
        """Yield an example of each refusal, of a demand that is resolved."""
        max_age = self.max_age({})
        if max_age is not None:
            yield InsufficientAuthentication(max_age=max_age)
        if self.acr is not None:
            yield InsufficientAuthentication(max_age=max_age, acr=self.acr)

    def check(self, identity: Identity | None, settings: Mapping[str, Any]) -> None:
        """Raise InsufficientAuthentication for a user who has signed in otherwise.

        Clients that call for themselves prove who they are for each token.
        """
        if identity is None or identity.user is None:
            return
        max_age = self.max_age(settings)
        is_met = self.acr is None or self.acr in identity.acr_values
        if is_met and (max_age is None or is_fresh(identity, max_age)):
            return
        acr = None if is_met else self.acr
        raise InsufficientAuthentication(max_age=max_age, acr=acr)


def is_fresh(identity: Identity, max_age: int) -> bool:
    """Whether the user has signed in within so many seconds, as far as it is known."""
    return identity.auth_time is not None and bool(
        now() - identity.auth_time <= timedelta(seconds=max_age)
    )
