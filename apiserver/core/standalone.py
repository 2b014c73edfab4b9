"""An application that uses only core: an API in one module, with tables and server.

::

    app = make_app(__name__, {"books": BookCollection}, title="Books")
    serve(app)
"""

import logging
import secrets
import sys
from collections.abc import Mapping

from pyramid.config import Configurator
from pyramid.interfaces import ISecurityPolicy
from pyramid.router import Router
from waitress.server import create_server

from apiserver.core import settings
from apiserver.core.db.base import Base
from apiserver.core.endpoints.request import Request
from apiserver.core.settings.environment import from_environment
from apiserver.core.tree.permissions import ANYONE, SIGNED_IN, Role
from apiserver.core.tree.policy import Identity, SecurityPolicy
from apiserver.core.tree.resources import Resource

LISTEN = "127.0.0.1:6543"


class TokenPolicy(SecurityPolicy):
    """Gives the role to callers who send the token, ``apiserver.token``."""

    takes_token = True

    def __init__(self, role: Role) -> None:
        self.role = role

    def identity(self, request: Request) -> Identity | None:
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        expected: str = request.setting("token")
        is_known = secrets.compare_digest(sent.strip().encode(), expected.encode())
        if scheme.lower() != "bearer" or not is_known:
            return None
        return Identity(
            user=None,
            client_id="token",
            scopes=frozenset(request.registry.scopes),
            roles=frozenset((ANYONE, SIGNED_IN, self.role)),
            read_only=False,
        )


def make_app(
    module: str,
    tree: Mapping[str, type[Resource]],
    *,
    policy: SecurityPolicy | None = None,
    database: str = "sqlite:///database.db",
    **values: str,
) -> Router:
    """Make the WSGI application of a module's endpoints; create missing tables.

    ``tree`` has the nodes below the root. Without a ``policy`` all callers are
    anonymous. The others are settings, such as ``title``; the environment overrides
    them and the URL of the database.
    """
    named = {settings.PREFIX + name: value for name, value in values.items()}
    named["sqlalchemy.url"] = database
    with Configurator(settings=from_environment(named)) as config:
        config.include("apiserver.core")
        config.add_setting("listen", settings.name, LISTEN)
        config.add_setting("token", settings.word, secrets.token_urlsafe())
        config.set_security_policy(policy or SecurityPolicy())
        config.route_prefix = config.registry.api_prefix
        for name, node in tree.items():
            config.add_node(name, node)
        config.scan(sys.modules[module])
    Base.metadata.create_all(config.registry.engine)
    return config.make_wsgi_app()


def serve(app: Router) -> None:
    """Serve until Ctrl+C; print the address, and the token of a TokenPolicy."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    values = app.registry.settings
    server = create_server(app, listen=values["apiserver.listen"])
    policy = app.registry.getUtility(ISecurityPolicy)
    if isinstance(policy, TokenPolicy):
        token = values["apiserver.token"]
        sys.stderr.write(f"The token for {policy.role.phrase} is {token}\n")
    server.print_listen("Serving on http://{}:{}/")
    server.run()
