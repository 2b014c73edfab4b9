"""Whether the process lives, ``/healthz``, and may be sent requests, ``/readyz``.

Both are for load balancers and orchestrators: without a token, never cached, and not in
the documents, which are for clients.
"""

import logging
import time
from typing import Any

from alembic.util import CommandError
from pyramid.config import Configurator
from pyramid.traversal import DefaultRootFactory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from apiserver.core.errors import ServiceUnavailable
from apiserver.core.request import Request
from apiserver.core.response import Response
from apiserver.prepare import script_directory

log = logging.getLogger(__name__)

REVISION = text("SELECT version_num FROM alembic_version")


class NotReady(ServiceUnavailable):
    """Send requests to another process for now; the detail says why."""


class Drain:
    """Whether the process is about to end, and since when."""

    began: float | None = None

    def begin(self) -> None:
        self.began = self.began or time.monotonic()

    def lasts(self, seconds: float) -> bool:
        """Whether it has begun, and for at least that long."""
        return self.began is not None and time.monotonic() >= self.began + seconds


class Schema:
    """Which revisions of the schema the code knows, and which one it needs."""

    def __init__(self, ini: str | None) -> None:
        try:
            scripts = script_directory(ini)
            self.head = scripts.get_current_head()
            self.known = {script.revision for script in scripts.walk_revisions()}
        except CommandError as error:
            log.warning("The schema is not checked: %s", error)
            self.head, self.known = None, set()

    def is_behind(self, revision: str | None) -> bool:
        """Whether the database still needs a migration that the code builds on.

        One that the code doesn't know is newer than it: migrations come before the
        code, and leave to the old code what it needs (docs/migrations.md).
        """
        if self.head is None or revision == self.head:
            return False
        return revision is None or revision in self.known


def healthz(request: Request) -> Response:
    """Answer while the process can answer at all; its database may be away."""
    return answer(b'{"status":"ok"}')


def readyz(request: Request) -> Response:
    """Answer 200 if requests can be served, or 503 with the reason."""
    registry = request.registry
    if registry.drain.began is not None:
        raise NotReady("The server is about to end.")
    try:
        revision = request.primary.execute(REVISION).scalar()
    except SQLAlchemyError as error:
        log.warning("The database doesn't answer: %s", error)
        raise NotReady("The database doesn't answer.") from None
    if registry.schema.is_behind(revision):
        raise NotReady(
            f"The database is at revision {revision}, the code needs "
            f"{registry.schema.head}: migrate it (alembic upgrade head)."
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
    registry: Any = config.registry
    registry.drain = Drain()
    registry.schema = Schema(registry.ini)
    for name, view in (("healthz", healthz), ("readyz", readyz)):
        config.add_route(name, f"/{name}", factory=DefaultRootFactory)
        config.add_view(view, route_name=name, request_method=("GET", "HEAD"))
