"""Commands about second factors: those of a lost telephone, and another key."""

from sqlalchemy import select

from apiserver.commands.options import Name
from apiserver.commands.running import Command, CommandError, find_user, transaction
from apiserver.core.audit import record_command
from apiserver.core.registry import Registry
from apiserver.core.schemas import Object
from apiserver.factors import actions, sealing
from apiserver.factors.models import Factor


class RemoveOptions(Object):
    username = Name(description="The user whose factors to remove.")


class ResealOptions(Object):
    """None."""


def check_feature(registry: Registry) -> None:
    """Raise CommandError where there are no factors."""
    if "factors" not in registry.features:
        raise CommandError("apiserver.features doesn't name factors.")


def remove(registry: Registry, *, username: str) -> str:
    """Remove all second factors of a user; his tokens and sessions end."""
    check_feature(registry)
    with transaction(registry) as db:
        user = find_user(db, username)
        removed = actions.remove_all(db, user)
        target = actions.about(user, removed)
        record_command(db, "factors_removed", target=target)
    return (
        f"User {user.username} has no second factor any more (removed: "
        f"{len(removed)}); all "
        "tokens and sessions are revoked."
    )


def reseal(registry: Registry) -> str:
    """Encrypt all secrets by the first key."""
    check_feature(registry)
    keys = registry.settings["apiserver.factors_key"]
    number = 0
    with transaction(registry) as db:
        sealed = select(Factor).where(Factor.secret.is_not(None))
        for factor in db.scalars(sealed.order_by(Factor.id).with_for_update()):
            try:
                factor.secret = sealing.reseal(keys, str(factor.secret))
            except ValueError as error:
                raise CommandError(f"Factor {factor.id}: {error}") from None
            number += 1
        record_command(db, "factors_resealed", target="factor")
    return f"Secrets that are encrypted by the first key now: {number}."


REMOVE = Command(RemoveOptions, remove)
RESEAL = Command(ResealOptions, reseal)
