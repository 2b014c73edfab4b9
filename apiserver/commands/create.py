"""Commands that make something: accounts, OAuth2 clients."""

from types import SimpleNamespace
from typing import Any

from apiserver.auth.actions import check_scopes, create_client
from apiserver.auth.models import CLIENT_TYPES
from apiserver.auth.schemas import (
    DEFAULT_GRANT_TYPES,
    GRANT_TYPES,
    redirect_uris,
    scopes,
)
from apiserver.commands.asking import new_password
from apiserver.commands.options import Name
from apiserver.commands.running import Command, CommandError, find_user, transaction
from apiserver.core.registry import Registry
from apiserver.core.schemas import Choice, Flag, Object, Set
from apiserver.users.actions import create_user
from apiserver.users.hashing import hash_password
from apiserver.users.schemas import email, username

# The API leaves out the last, which only the operator gives to a client of their own.
ALL_GRANT_TYPES = (*GRANT_TYPES, "password")


class UserOptions(Object):
    username = username(description="The username to sign in with.")
    email = email(description="The email address.")
    is_admin = Flag(
        missing=False,
        option="--admin",
        description="An administrator, who may do anything.",
    )
    is_internal = Flag(
        missing=False,
        option="--internal",
        description="A service account of the operator.",
    )
    read_only = Flag(missing=False, description="May read, but not change anything.")


class ClientOptions(Object):
    owner = Name(description="The username of the owner.")
    client_type = Choice(
        *CLIENT_TYPES,
        missing="confidential",
        option="--client-type",
        description="confidential (the default): can keep a secret. public: can't, "
        "such as an app in a browser or on a phone.",
    )
    grant_types = Set(
        Choice(*ALL_GRANT_TYPES),
        longest=len(ALL_GRANT_TYPES),
        missing=DEFAULT_GRANT_TYPES,
        option="--grant-type",
        description=f"Grant types the client may use: {', '.join(ALL_GRANT_TYPES)}. "
        f"The default is {' and '.join(DEFAULT_GRANT_TYPES)}.",
    )
    redirect_uris = redirect_uris(
        missing=(),
        option="--redirect-uri",
        description="Where the browser may be redirected to: an https URI without a "
        "fragment, or a loopback URI.",
    )
    default_scopes = scopes(
        missing=(),
        option="--scope",
        description="A scope that the client may be granted. The default is all.",
    )
    first_party = Flag(
        missing=False,
        description="The operator's own client: users are not asked for consent.",
    )


def add_user(registry: Registry, *, read_only: bool, **values: Any) -> str:
    names = {"first_name": "", "middle_name": "", "last_name": ""}
    password = new_password(SimpleNamespace(**values, **names))
    values["password_digest"] = hash_password(password)
    with transaction(registry) as db:
        user = create_user(db, is_regular_user=not read_only, **values)
    return f"User {user.username} has the id {user.id}."


def add_client(registry: Registry, *, owner: str, **values: Any) -> str:
    values["default_scopes"] = values["default_scopes"] or tuple(registry.scopes)
    check_scopes(values["default_scopes"], registry.scopes)
    with transaction(registry) as db:
        user = find_user(db, owner)
        if not user.is_active:
            raise CommandError(f"The user {user.username} is not active.")
        client = create_client(db, user_id=user.id, **values)
    secret = client.client_secret or "none, it is public"
    return f"client_id: {client.client_id}\nclient_secret: {secret}"


USER = Command(UserOptions, add_user)
CLIENT = Command(ClientOptions, add_client)
