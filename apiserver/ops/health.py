"""Liveness, ``/healthz``, and readiness, ``/readyz``.

Both are for load balancers and orchestrators: without a token, never cached, and not in
the documents, which are for clients.
"""

import logging
from functools import cache
from typing import TYPE_CHECKING

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from apiserver.core.endpoints import Request
from apiserver.core.http import Response, ServiceUnavailable, Taking
from apiserver.core.registry import Registry
from apiserver.core.settings import databases
from apiserver.ops.drain import Drain

if TYPE_CHECKING:
    from apiserver.ops.schema import Schema

log = logging.getLogger(__name__)

REVISION = text("SELECT version_num FROM alembic_version")


class NotReady(ServiceUnavailable):
    """The process isn't ready; the detail says why."""


def healthz(request: Request) -> Response:
    """Respond if the process can, even without a database."""
    return answer(b'{"status":"ok"}')


def readyz(request: Request) -> Response:
    """Return 200 if requests can be served, or 503 with the reason."""
    registry = request.registry
    if registry.drain.began is not None:
        raise NotReady("The server is shutting down.")
    try:
        revisions = set(request.primary.execute(REVISION).scalars())
    except SQLAlchemyError as error:
        if not databases.is_not_migrated(error):
            log.warning("The database is not responding: %s", error)
            raise NotReady("The database is not responding.") from None
        revisions = set()
    schema = registry.schema()
    if schema.is_behind(revisions):
        at = " and ".join(sorted(revisions))
        found = f"at revision {at}" if at else "not migrated"
        needed = " and ".join(sorted(schema.heads))
        raise NotReady(
            f"The database is {found}, but the code needs {needed}: "
            "migrate it (alembic upgrade head)."
        )
    return answer(b'{"status":"ready"}')


def answer(body: bytes) -> Response:
    return Response(
        app_iter=[body],
        headerlist=[
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ],
    )


def includeme(config: Configurator) -> None:
    registry: Registry = config.registry
    registry.drain = Drain()

    @cache
    def schema() -> "Schema":
        # Imported on demand, since Alembic would slow down the start.
        made: Schema = config.maybe_dotted("apiserver.ops.schema.Schema")(registry.ini)
        return made

    registry.schema = schema
    if registry.at_start:
        schema()
    for name, view in (("healthz", healthz), ("readyz", readyz)):
        config.add_route(name, f"/{name}", factory=Taking("GET", "HEAD"))
        config.add_view(view, route_name=name, permission=NO_PERMISSION_REQUIRED)
