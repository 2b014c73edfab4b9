"""Create accounts and OAuth2 clients, with the command ``apiserver``."""

from invoke.collection import Collection
from invoke.context import Context

from tasks import console
from tasks.declaring import task

AGAIN = "May be repeated."


@task(
    help={
        "username": "The username to sign in with.",
        "email": "The email address.",
        "is_admin": "An administrator, who may do anything.",
        "is_internal": "A service account of the operator.",
        "is_regular_user": "May make changes; yes, unless --no-is-regular-user.",
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
    """Create a user; asks for the password."""
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
        "username": "The username of the owner.",
        "client_type": "confidential (the default), or public: can't keep a secret.",
        "grant_type": "The grant types the client may use: authorization_code, "
        f"refresh_token, client_credentials or password. {AGAIN}",
        "redirect_uri": f"Where the browser may be redirected to. {AGAIN}",
        "scope": f"A scope that the client may be granted; the default is all. {AGAIN}",
        "first_party": "The operator's own client: users are not asked for consent.",
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
    """Create an OAuth2 client; prints its secret, only once."""
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
