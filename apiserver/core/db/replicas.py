"""A second database for reads: a streaming replica of PostgreSQL, which lags behind.

Safe requests read there. Clients read their own writes: the response to a write has the
header ``X-Written-At``, a position in PostgreSQL's write-ahead log; a request with this
header reads from the replica only if that has reached the position. The caller is
always looked up on the primary, so that a revocation takes effect at once.
"""

import logging
import re
import time

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import sessionmaker

from apiserver.core.db.engines import make_engines
from apiserver.core.db.sessions import ReadSession
from apiserver.core.db.transactions import engine_options
from apiserver.core.http.response import SAFE_METHODS, Handler, Header, Response
from apiserver.core.registry import Registry
from apiserver.core.settings import databases
from apiserver.core.typing import Request

log = logging.getLogger(__name__)

MARKER = "X-Written-At"
ABOUT_MARKER = "Send it with the next requests, which then read what was written."
PLACE = text("SELECT pg_current_wal_lsn()")
REACHED = text("SELECT pg_last_wal_replay_lsn() >= CAST(:place AS pg_lsn)")

# Seconds until a failed replica is tried again.
PAUSE = 5

_PLACE = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")


class Replica:
    """Opens sessions on the replica, while it is available."""

    def __init__(self, url: str, **options: int) -> None:
        _, reading = make_engines(url, **options)
        self.sessions = sessionmaker(reading, class_=ReadSession, autoflush=False)
        self.paused_until = 0.0

    def open(self, request: Request) -> ReadSession | None:
        """Return a session, or None to read from the primary."""
        marker = request.headers.get(MARKER)
        if time.monotonic() < self.paused_until:
            return None
        session = self.sessions()
        try:
            connection = session.known_connection()
            if marker is None or has_reached(connection, marker):
                return session
        except (DBAPIError, PoolTimeout) as error:
            self.paused_until = time.monotonic() + PAUSE
            log.warning("The replica is not responding: %s", error)
        session.close()
        return None


def has_reached(connection: Connection, marker: str) -> bool:
    """Whether the replica has reached the marker; False if that is invalid."""
    if not _PLACE.fullmatch(marker):
        return False
    return connection.execute(REACHED, {"place": marker}).scalar() is True


def marker_tween(handler: Handler, registry: Registry) -> Handler:
    """Add the marker to the responses to writes."""

    def mark(request: Request) -> Response:
        response = handler(request)
        if request.method not in SAFE_METHODS and response.status_int < 400:
            response.headerlist += marker_of(registry.read_sessions)
        return response

    return mark


def marker_of(sessions: sessionmaker[ReadSession]) -> list[Header]:
    """Return the header with the position of the primary's log."""
    try:
        with sessions() as session:
            return [(MARKER, str(session.known_connection().execute(PLACE).scalar()))]
    except (DBAPIError, PoolTimeout) as error:
        # The write is committed: this is no reason to return an error.
        log.warning("The primary does not report what it has written: %s", error)
        return []


def includeme(config: Configurator) -> None:
    url = config.registry.settings.get("sqlalchemy.replica_url")
    config.registry.replica = None
    config.add_cors_headers(taken=[MARKER])
    if url:
        if databases.parse(url).get_backend_name() != "postgresql":
            raise ConfigurationError(
                "DATABASE_REPLICA_URL must be a PostgreSQL URL: only that has replicas."
            )
        options = engine_options(config.registry.settings)
        config.registry.replica = Replica(url, **options)
        config.registry.occasional_headers[MARKER] = ABOUT_MARKER
        # Outside of the transaction: the marker is known after the commit.
        config.add_tween(
            "apiserver.core.db.replicas.marker_tween",
            over="pyramid_tm.tm_tween_factory",
        )
