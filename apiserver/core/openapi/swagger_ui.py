"""The documentation and landing pages.

They are public, and outside of the tree.
"""

from collections.abc import Mapping

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.core import settings
from apiserver.core.endpoints.request import Request
from apiserver.core.http.methods import READING
from apiserver.core.openapi.documents import own_document
from apiserver.core.typing import Fragment

# The pages with their paths; the documentation is below the prefix of the API.
PAGES = {"documentation": "/", "oauth2_redirect": "/oauth2-redirect"}

# Nothing from other hosts, no inline scripts, no framing.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# Placeholders for what only the reader knows.
USER = ("USERNAME", "PASSWORD")
CLIENT = "CLIENT_ID"


def page(request: Request) -> Fragment:
    """Show Swagger UI, or the page that receives the response to its sign-in."""
    request.response.headers["Content-Security-Policy"] = PAGE_POLICY
    request.response.headers["Cache-Control"] = "no-cache"
    return {
        "title": request.setting("title"),
        "client_id": request.setting("documentation_client_id"),
    }


def home(request: Request) -> Fragment:
    """Show the landing page."""
    registry = request.registry
    flows = registry.swagger_at(request.script_name)["securityDefinitions"]
    login = registry.demo_login if "oauth2_password" in flows else None
    values = page(request)
    return {
        **values,
        "tags": own_document(registry)["tags"],
        "command": token_command(flows, values["client_id"] or CLIENT, login or USER),
        "is_demo": login is not None,
    }


def token_command(
    flows: Mapping[str, Fragment], client_id: str, login: tuple[str, str]
) -> str | None:
    """Return the shell command that gets a token; None if no feature issues any."""
    if "oauth2_application" not in flows:
        return None
    parts = [f"curl {flows['oauth2_application']['tokenUrl']}"]
    if "oauth2_password" in flows:
        username, password = login
        parts += ["-d grant_type=password", f"-d client_id={client_id}"]
        parts += [f"-d username={username}", f"-d password={password}"]
    else:
        parts += ["-u CLIENT_ID:CLIENT_SECRET", "-d grant_type=client_credentials"]
    return " \\\n  ".join(parts)


def includeme(config: Configurator) -> None:
    # The OAuth2 client in Swagger UI's dialog.
    config.add_setting("documentation_client_id", settings.word)
    # Username and password of a demo user, if there is one.
    config.registry.demo_login = None
    config.include(".templates")
    config.include(".assets")
    config.include(".documents")

    prefix = config.registry.api_prefix
    config.add_route("home", "/", factory=READING)
    template = "apiserver.core:templates/home.jinja2"
    public = NO_PERMISSION_REQUIRED
    config.add_view(home, route_name="home", renderer=template, permission=public)
    for name, path in PAGES.items():
        config.add_route(name, prefix + path, factory=READING)
        template = f"apiserver.core:templates/{name}.jinja2"
        config.add_view(page, route_name=name, renderer=template, permission=public)
