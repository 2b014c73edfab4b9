"""How recently and how strongly the caller of an operation must have signed in.

Declared by ``fresh=`` and ``acr=`` (RFC 9470).
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from apiserver.core.db.base import now
from apiserver.core.tree.policy import Identity
from apiserver.core.tree.step_up import InsufficientAuthentication


class Demand(NamedTuple):
    """The oldest allowed sign-in, in seconds, and the authentication context class.

    The seconds may be the name of a setting, without the prefix.
    """

    fresh: int | str | None = None
    acr: str | None = None

    def max_age(self, settings: Mapping[str, Any]) -> int | None:
        """Return the seconds, looked up in the settings if named."""
        if isinstance(self.fresh, str):
            return int(settings[f"apiserver.{self.fresh}"])
        return self.fresh

    def resolved(self, settings: Mapping[str, Any]) -> "Demand":
        """Return the same demand, with the name of a setting replaced by its value."""
        return Demand(self.max_age(settings), self.acr)

    def described(self) -> dict[str, int | str]:
        """Return the document's members for a resolved demand."""
        members = {"x-max-age": self.fresh, "x-acr": self.acr}
        return {name: value for name, value in members.items() if value is not None}

    def refusals(self) -> Iterator[InsufficientAuthentication]:
        """Yield an example of each error, for a resolved demand."""
        max_age = self.max_age({})
        if max_age is not None:
            yield InsufficientAuthentication(max_age=max_age)
        if self.acr is not None:
            yield InsufficientAuthentication(max_age=max_age, acr=self.acr)

    def check(self, identity: Identity | None, settings: Mapping[str, Any]) -> None:
        """Raise InsufficientAuthentication if the user's sign-in isn't enough.

        Clients that act for themselves authenticate for each token.
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
    """Whether the user has signed in within this many seconds; False if unknown."""
    return identity.auth_time is not None and bool(
        now() - identity.auth_time <= timedelta(seconds=max_age)
    )
