"""Commands that take access away, or restore it: what to do after a leak."""

from datetime import timedelta

from apiserver.auth.actions import end_all_grants, revoke_grants, rotate_secret
from apiserver.commands.asking import new_password
from apiserver.commands.options import Name
from apiserver.commands.running import (
    Command,
    CommandError,
    find_client,
    find_user,
    transaction,
)
from apiserver.core.audit import record_command
from apiserver.core.db import Session
from apiserver.core.registry import Registry
from apiserver.core.schemas import Flag, Object, Whole
from apiserver.users.hashing import hash_password

MOST_SECONDS = 10**9


class PasswordOptions(Object):
    username = Name(description="The user whose password to set.")


class SecretOptions(Object):
    client = Name(description="The client_id of the client.")
    overlap = Whole(
        0,
        MOST_SECONDS,
        missing=None,
        description="How many seconds the old secret keeps working; 0 if it has "
        "leaked. The default is apiserver.oauth2_secret_overlap.",
    )


class RevokeOptions(Object):
    user = Name(
        missing=None,
        description="The user whose tokens and browser sessions to revoke.",
    )
    client = Name(
        missing=None,
        description="The client_id of the client whose tokens to revoke. With --user: "
        "only those for this user.",
    )
    disable = Flag(
        missing=False, description="Also disable the client: it gets no new tokens."
    )


def revoke(
    registry: Registry, *, user: str | None, client: str | None, disable: bool
) -> str:
    """End the access of a user, of a client, or of the one by the other, at once."""
    if disable and client is None:
        raise CommandError("Only a client can be disabled: give --client.")
    if disable and user is not None:
        raise CommandError("A client is disabled for all users: leave out --user.")
    with transaction(registry) as db:
        if user is not None and client is not None:
            return revoke_one(db, user, client)
        if user is not None:
            return revoke_user(db, user)
        if client is not None:
            return revoke_client(db, client, disable=disable)
    raise CommandError("Give --user, --client, or both.")


def revoke_user(db: Session, name: str) -> str:
    user = find_user(db, name)
    end_all_grants(db, user_id=user.id)
    record_command(db, "revoked_by_operator", target=f"user:{user.id}")
    return f"All tokens and sessions of {user.username} are revoked."


def revoke_client(db: Session, client_id: str, *, disable: bool) -> str:
    client = find_client(db, client_id)
    if disable:
        client.disable()
        done = "revoked, and it gets no new ones"
    else:
        client.end_grants()
        done = "revoked"
    target = f"client:{client.client_id}"
    record_command(db, "revoked_by_operator", target=target)
    return f"All tokens of the client {client.client_id} are {done}."


def revoke_one(db: Session, name: str, client_id: str) -> str:
    user, client = find_user(db, name), find_client(db, client_id)
    number = revoke_grants(
        db, user_id=user.id, client_key=client.id, reason="revoked_by_operator"
    )
    target = f"user:{user.id} client:{client.client_id}"
    record_command(db, "revoked_by_operator", target=target)
    return (
        f"The client {client.client_id} no longer has access for {user.username} "
        f"(grants: {number})."
    )


def new_secret(registry: Registry, *, client: str, overlap: int | None) -> str:
    if overlap is None:
        overlap = int(registry.settings["apiserver.oauth2_secret_overlap"])
    with transaction(registry) as db:
        found = find_client(db, client)
        secret = rotate_secret(found, overlap=timedelta(seconds=overlap))
        target = f"client:{found.client_id}"
        record_command(db, "client_secret_created", target=target)
    old = f"works for another {overlap} s" if overlap else "no longer works"
    return f"client_secret: {secret}\nThe old one {old}."


def set_password(registry: Registry, *, username: str) -> str:
    with transaction(registry) as db:
        account = find_user(db, username)
    # Asked for, and hashed, while no row is locked.
    digest = hash_password(new_password(account))
    with transaction(registry) as db:
        user = find_user(db, username)
        user.set_password(digest)
        record_command(db, "password_change", target=f"user:{user.id}")
    return f"User {user.username} has a new password; all tokens are revoked."


PASSWORD = Command(PasswordOptions, set_password)
SECRET = Command(SecretOptions, new_secret)
REVOKE = Command(RevokeOptions, revoke)
