"""The command that deletes a user."""

from importlib import import_module

from apiserver.commands.options import Name
from apiserver.commands.running import Command, CommandError, find_user, transaction
from apiserver.core.registry import Registry
from apiserver.core.schemas import Object


class DeleteOptions(Object):
    username = Name(description="The user to delete.")


def delete(registry: Registry, *, username: str) -> str:
    """Delete a user at once; what the audit log has is erased by a worker."""
    if "account" not in registry.features:
        raise CommandError("apiserver.features doesn't name account.")
    # By name: a project may have taken the feature out.
    actions = import_module("apiserver.account.actions")
    with transaction(registry) as db:
        user_id = find_user(db, username).id
    with transaction(registry) as db:
        user = actions.lock_to_delete(db, registry, user_id)
        if user is None:
            raise CommandError("The user is gone.")
        name = user.username
        actions.delete_user(db, registry, user)
    return f"User {name} is deleted. A worker erases what the audit log has of them."


DELETE = Command(DeleteOptions, delete)
