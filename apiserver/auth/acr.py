"""Authentication context classes: how strongly a user has authenticated (RFC 9470).

A feature with other authentication methods than a password declares classes, the weaker
ones first::

    config.add_acr_value("mfa", lambda amr: "otp" in amr)

Without any, ``acr_values`` have no effect, and aren't in the metadata.
"""

from collections.abc import Callable, Collection

from pyramid.config import Configurator

from apiserver.core.registry import Registry

# Whether the methods of a sign-in (RFC 8176) are enough for a class.
IsMet = Callable[[Collection[str]], bool]

NONE_MET: frozenset[str] = frozenset()


class Classes:
    """The classes of an application, from weakest to strongest."""

    def __init__(self) -> None:
        self.known: dict[str, IsMet] = {}
        # Cached: there are few combinations of methods.
        self.found: dict[tuple[str, ...], frozenset[str]] = {}

    def met(self, amr: tuple[str, ...] | None) -> frozenset[str]:
        """Return the classes for which the methods are enough."""
        if not self.known or amr is None:
            return NONE_MET
        if amr not in self.found:
            met = (name for name, is_met in self.known.items() if is_met(amr))
            self.found[amr] = frozenset(met)
        return self.found[amr]

    def strongest(self, amr: tuple[str, ...]) -> str | None:
        """Return the strongest class for which the methods are enough, or None."""
        met = self.met(amr)
        return next((name for name in reversed(self.known) if name in met), None)

    def lacks(self, asked: str | None, amr: tuple[str, ...]) -> bool:
        """Whether none of the requested classes is met.

        Unknown classes are ignored (OpenID Connect Core section 3.1.2.1).
        """
        wanted = self.known.keys() & (asked or "").split()
        return bool(wanted) and wanted.isdisjoint(self.met(amr))


def classes_of(registry: Registry) -> Classes:
    classes: Classes = registry.acr_classes
    return classes


def add_acr_value(config: Configurator, name: str, is_met: IsMet) -> None:
    """Declare a class, after the weaker ones."""
    config.registry.acr_classes.known[name] = is_met


def includeme(config: Configurator) -> None:
    config.registry.acr_classes = Classes()
    config.add_directive("add_acr_value", add_acr_value)
