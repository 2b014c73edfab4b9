"""Authentication context classes: how well a user has proven who they are (RFC 9470).

A feature that knows more proofs than a password says which methods each class takes,
the weaker classes first::

    config.add_acr_value("mfa", lambda amr: "otp" in amr)

Without one there are none: ``acr_values`` have no effect, and nothing tells of them.
"""

from collections.abc import Callable, Collection

from pyramid.config import Configurator

from apiserver.core.registry import Registry

# Whether the methods of a sign-in (RFC 8176) are enough for a class.
IsMet = Callable[[Collection[str]], bool]

NONE_MET: frozenset[str] = frozenset()


class Classes:
    """The classes of an application, from the weakest to the strongest."""

    def __init__(self) -> None:
        self.known: dict[str, IsMet] = {}
        # By the methods, of which there are few combinations.
        self.found: dict[tuple[str, ...], frozenset[str]] = {}

    def met(self, amr: tuple[str, ...] | None) -> frozenset[str]:
        """Return the classes that the methods are enough for."""
        if not self.known or amr is None:
            return NONE_MET
        if amr not in self.found:
            met = (name for name, is_met in self.known.items() if is_met(amr))
            self.found[amr] = frozenset(met)
        return self.found[amr]

    def strongest(self, amr: tuple[str, ...]) -> str | None:
        """Return the strongest class that the methods are enough for, or None."""
        met = self.met(amr)
        return next((name for name in reversed(self.known) if name in met), None)

    def lacks(self, asked: str | None, amr: tuple[str, ...]) -> bool:
        """Whether none of the classes is met of which a client asks for one.

        What nobody knows is passed over (OpenID Connect Core section 3.1.2.1).
        """
        wanted = self.known.keys() & (asked or "").split()
        return bool(wanted) and wanted.isdisjoint(self.met(amr))


def classes_of(registry: Registry) -> Classes:
    classes: Classes = registry.acr_classes
    return classes


def add_acr_value(config: Configurator, name: str, is_met: IsMet) -> None:
    """Declare a class, after those that are weaker."""
    config.registry.acr_classes.known[name] = is_met


def includeme(config: Configurator) -> None:
    config.registry.acr_classes = Classes()
    config.add_directive("add_acr_value", add_acr_value)
