"""Accounts and OAuth2 clients, made by the operator: the command ``apiserver``."""

from invoke.collection import Collection
from invoke.context import Context
from invoke.tasks import task

from apiserver.auth.models import CLIENT_TYPES
from apiserver.commands.create import GRANT_TYPES
from tasks import console


@task(
    help={
        "username": "The name to sign in with.",
        "email": "The address.",
        "is_admin": "May do everything.",
        "is_internal": "A service account of the operator.",
        "is_regular_user": "May change things; yes, unless --no-is-regular-user.",
        "ini": console.INI,
    }
)
def create_user(
    context: Context,
    username: str,
    email: str,
    is_admin: bool = False,
    is_internal: bool = False,
    is_regular_user: bool = True,
    ini: str = console.DEVELOPMENT,
) -> None:
    """Create an account; its password is asked for."""
    flags = {
        "--admin": is_admin,
        "--internal": is_internal,
        "--read-only": not is_regular_user,
    }
    console.operate(
        "create-user",
        ini,
        f"--username={username}",
        f"--email={email}",
        *(flag for flag, given in flags.items() if given),
    )


@task(
    iterable=["grant_type", "redirect_uri", "scope"],
    help={
        "username": "The owner.",
        "client_type": f"{' or '.join(CLIENT_TYPES)}.",
        "grant_type": f"Of {', '.join(GRANT_TYPES)}; may be given again.",
        "redirect_uri": "Where browsers come back to; may be given again.",
        "scope": "May be given again; by default all.",
        "first_party": "Belongs to the operator: users are not asked for consent.",
        "ini": console.INI,
    },
)
def create_oauth2_client(
    context: Context,
    username: str,
    grant_type: list[str],
    redirect_uri: list[str],
    scope: list[str],
    client_type: str = "confidential",
    first_party: bool = False,
    ini: str = console.DEVELOPMENT,
) -> None:
    """Create an OAuth2 client; its secret is printed, now and never again."""
    console.choose("client type", client_type, CLIENT_TYPES)
    for each in grant_type:
        console.choose("grant type", each, GRANT_TYPES)
    console.operate(
        "create-client",
        ini,
        f"--owner={username}",
        f"--client-type={client_type}",
        *(f"--grant-type={each}" for each in grant_type),
        *(f"--redirect-uri={each}" for each in redirect_uri),
        *(f"--scope={each}" for each in scope),
        *(["--first-party"] if first_party else []),
    )


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection("users", create_user, create_oauth2_client)
