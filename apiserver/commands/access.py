"""Commands that take access away, or give it anew: what to do after a leak."""

import argparse
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from apiserver.auth.actions import end_all_grants, revoke_grants, rotate_secret
from apiserver.commands.running import (
    CommandError,
    Options,
    ask_password,
    find_client,
    find_user,
    transaction,
)
from apiserver.core.audit import record_command


def revoke(registry: Any, options: Options) -> str:
    """End the access of a user, of a client, or of the one by the other, at once."""
    if options.user is None and options.client is None:
        raise CommandError("Say whose access: --user, --client, or both.")
    if options.disable and options.client is None:
        raise CommandError("Only a client can be disabled: --client.")
    with transaction(registry) as db:
        if options.client is None:
            return revoke_user(db, options.user)
        if options.user is None:
            return revoke_client(db, options)
        return revoke_one(db, options)


def revoke_user(db: Session, name: str) -> str:
    user = find_user(db, name)
    end_all_grants(db, user_id=user.id)
    record_command(db, "revoked_by_operator", target=f"user:{user.id}")
    return f"All tokens and sessions of {user.username} have ended."


def revoke_client(db: Session, options: Options) -> str:
    client = find_client(db, options.client)
    if options.disable:
        client.disable()
        done = "ended, and it gets no further ones"
    else:
        client.end_grants()
        done = "ended"
    target = f"client:{client.client_id}"
    record_command(db, "revoked_by_operator", target=target)
    return f"All tokens of the client {client.client_id} have {done}."


def revoke_one(db: Session, options: Options) -> str:
    if options.disable:
        raise CommandError("A client is disabled for all users: leave out --user.")
    user, client = find_user(db, options.user), find_client(db, options.client)
    number = revoke_grants(
        db, user_id=user.id, client_key=client.id, reason="revoked_by_operator"
    )
    target = f"user:{user.id} client:{client.client_id}"
    record_command(db, "revoked_by_operator", target=target)
    return (
        f"The client {client.client_id} has no access for {user.username} any more "
        f"(grants: {number})."
    )


def new_secret(registry: Any, options: Options) -> str:
    """Give a client a new secret, shown only now; the old one works for an overlap."""
    overlap = options.overlap
    if overlap is None:
        overlap = registry.settings["apiserver.oauth2_secret_overlap"]
    with transaction(registry) as db:
        client = find_client(db, options.client)
        secret = rotate_secret(client, overlap=timedelta(seconds=overlap))
        target = f"client:{client.client_id}"
        record_command(db, "client_secret_created", target=target)
    old = f"works for {overlap} s more" if overlap else "works no more"
    return f"client_secret: {secret}\nThe old one {old}."


def set_password(registry: Any, options: Options) -> str:
    """Give an account a password, which is asked for; all its tokens end."""
    password = ask_password()
    with transaction(registry) as db:
        user = find_user(db, options.username)
        user.set_password(password)
        record_command(db, "password_change", target=f"user:{user.id}")
    return f"User {user.username} has a new password; all tokens have ended."


def revoke_options(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("--user", metavar="NAME", help="whose tokens and sessions")
    subparser.add_argument("--client", metavar="CLIENT_ID", help="whose tokens")
    subparser.add_argument(
        "--disable", action="store_true", help="let the client get no further tokens"
    )


def password_options(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("--username", required=True)


def secret_options(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("--client", metavar="CLIENT_ID", required=True)
    subparser.add_argument(
        "--overlap",
        type=seconds,
        metavar="SECONDS",
        help="how long the old one works; 0 if it has leaked",
    )


def seconds(value: str) -> int:
    """A number of seconds, which may be 0."""
    number = int(value)
    if not 0 <= number <= 10**9:
        raise ValueError(value)
    return number
