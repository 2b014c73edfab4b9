"""Commands that make something: accounts, OAuth2 clients, the demo data."""

import argparse
from typing import Any

from apiserver import demo
from apiserver.auth.actions import check_scopes, create_client
from apiserver.auth.models import CLIENT_TYPES
from apiserver.commands.running import Options, ask_password, find_user, transaction
from apiserver.core.audit import record_command
from apiserver.prepare import migrate
from apiserver.users.actions import create_user

GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials", "password")


def init_development_data(registry: Any, options: Options) -> str:
    """Migrate the database and fill in the demo data; refuse one that has users."""
    with registry.write_sessions.kw["bind"].begin() as connection:
        migrate(options.ini, connection)
    with transaction(registry) as db:
        demo.create(db, scopes=registry.scopes)
    return "The demo data is in the database."


def add_user(registry: Any, options: Options) -> str:
    """Create an account; the password is asked for."""
    password = ask_password()
    with transaction(registry) as db:
        user = create_user(
            db,
            username=options.username,
            email=options.email,
            password=password,
            is_admin=options.admin,
            is_internal=options.internal,
            is_regular_user=not options.read_only,
        )
        record_command(db, "user_created", target=f"user:{user.id}")
    return f"User {user.username} has the id {user.id}."


def add_client(registry: Any, options: Options) -> str:
    """Create an OAuth2 client; its secret is shown only now."""
    scopes = options.scope or list(registry.scopes)
    check_scopes(scopes, registry.scopes)
    with transaction(registry) as db:
        client = create_client(
            db,
            user_id=find_user(db, options.owner).id,
            client_type=options.client_type,
            grant_types=tuple(options.grant_type),
            redirect_uris=tuple(options.redirect_uri),
            default_scopes=tuple(scopes),
            first_party=options.first_party,
        )
        record_command(db, "client_created", target=f"client:{client.client_id}")
    secret = client.client_secret or "none, it is public"
    return f"client_id: {client.client_id}\nclient_secret: {secret}"


def user_options(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("--username", required=True)
    subparser.add_argument("--email", required=True)
    subparser.add_argument("--admin", action="store_true", help="may do everything")
    subparser.add_argument(
        "--internal", action="store_true", help="a service account of the operator"
    )
    subparser.add_argument("--read-only", action="store_true", help="changes nothing")


def client_options(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("--owner", required=True, help="user name of the owner")
    subparser.add_argument(
        "--client-type", choices=CLIENT_TYPES, default="confidential"
    )
    several: dict[str, Any] = {"action": "append", "default": []}
    subparser.add_argument("--grant-type", choices=GRANT_TYPES, **several)
    subparser.add_argument("--redirect-uri", **several)
    subparser.add_argument("--scope", help="by default all", **several)
    subparser.add_argument(
        "--first-party", action="store_true", help="belongs to the operator"
    )
