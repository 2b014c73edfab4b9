"""Commands about second factors: those of a lost telephone, and another key."""

from importlib import import_module
from types import ModuleType

from sqlalchemy import select

from apiserver.commands.options import Name
from apiserver.commands.running import Command, CommandError, find_user, transaction
from apiserver.core.audit import record_command
from apiserver.core.registry import Registry
from apiserver.core.schemas import Object


class RemoveOptions(Object):
    username = Name(description="The user whose factors to remove.")


class ResealOptions(Object):
    """None."""


def part(registry: Registry, name: str) -> ModuleType:
    """Return a module of the feature; raise CommandError where it is off."""
    if "factors" not in registry.features:
        raise CommandError("apiserver.features doesn't name factors.")
    # By name: a project may have taken the feature out.
    return import_module(f"apiserver.factors.{name}")


def remove(registry: Registry, *, username: str) -> str:
    """Remove all second factors of a user; their tokens and sessions end."""
    actions = part(registry, "actions")
    with transaction(registry) as db:
        user = find_user(db, username)
        removed = actions.remove_all(db, registry, user)
        target = actions.about(user, removed)
        record_command(db, "factors_removed", target=target)
    return (
        f"User {user.username} has no second factor any more (removed: "
        f"{len(removed)}); all tokens and sessions are revoked."
    )


def reseal(registry: Registry) -> str:
    """Encrypt all secrets by the first key."""
    sealing, factor_model = part(registry, "sealing"), part(registry, "models").Factor
    keys = registry.settings["apiserver.factors_key"]
    number = 0
    with transaction(registry) as db:
        sealed = select(factor_model).where(factor_model.secret.is_not(None))
        for factor in db.scalars(sealed.order_by(factor_model.id).with_for_update()):
            try:
                factor.secret = sealing.reseal(keys, str(factor.secret))
            except ValueError as error:
                raise CommandError(f"Factor {factor.id}: {error}") from None
            number += 1
        record_command(db, "factors_resealed", target="factor")
    return f"Secrets that are encrypted by the first key now: {number}."


REMOVE = Command(RemoveOptions, remove)
RESEAL = Command(ResealOptions, reseal)
