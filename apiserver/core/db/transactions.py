"""One transaction per request: which requests get one, when it is committed."""

from collections.abc import Mapping
from io import BytesIO

import transaction
import zope.sqlalchemy
from pyramid.config import Configurator
from sqlalchemy.orm import sessionmaker
from webob.request import DisconnectionError
from zope.sqlalchemy.datamanager import STATUS_CHANGED

from apiserver.core.db.engines import POOL_SIZE, make_engines
from apiserver.core.db.sessions import ReadSession, Session
from apiserver.core.http.errors import ApiError
from apiserver.core.http.guard import check, limit_of_files
from apiserver.core.http.response import SAFE_METHODS, Response, unsendable_header
from apiserver.core.http.special import special_at
from apiserver.core.registry import Registry
from apiserver.core.settings.declared import count_up_to, seconds_up_to
from apiserver.core.typing import Request

# In PostgreSQL it is a number of milliseconds, in 32 bits.
LONGEST_STATEMENT = 2_000_000
MOST_CONNECTIONS = 1000


class Transactions(transaction.ThreadTransactionManager):
    """One transaction manager per thread, which never begins by itself."""

    def __init__(self) -> None:
        self.manager = transaction.TransactionManager(explicit=True)


TRANSACTIONS = Transactions()


def renewed_manager(request: Request) -> Transactions:
    """Reset the manager: a failed commit leaves its transaction there."""
    TRANSACTIONS.manager = transaction.TransactionManager(explicit=True)
    return TRANSACTIONS


def writes(request: Request) -> bool:
    """Whether the request gets a transaction, by its method or its route."""
    return request.method not in SAFE_METHODS or special_at(request).writes


def attempts(request: Request) -> int:
    """How often a request is tried: only once without a transaction, or if malformed.

    The body is read here: pyramid_retry would read it next, where errors aren't
    handled, and copy an uploaded file, one of unknown length without end. Only the view
    reads files.
    """
    if not writes(request):
        return 1
    try:
        check(request)
        if limit_of_files(request):
            return 1
        read_ahead(request)
    except (ApiError, DisconnectionError):
        return 1
    return 3


def read_ahead(request: Request) -> None:
    """Read the body into memory, where a retry finds it; WebOb copies it repeatedly."""
    request.body_file_raw = BytesIO(request.body_file.read())
    request.is_body_seekable = True


def veto_commit(request: Request, response: Response) -> bool:
    """Roll back if the response is an error, or can't be sent.

    ``request.must_commit`` is for writes that must survive an error: the revocation
    after a token was used twice, a failed login. A server error rolls these back, too.
    HEAD never changes anything, even if GET does.
    """
    status: int = response.status_int
    if status >= 500 or request.method == "HEAD" or unsendable_header(response):
        return True
    return status >= 400 and not request.must_commit


def commit_so_far(request: Request) -> None:
    """Commit what the request has written, and begin a second transaction.

    For writes that must survive whatever follows, and before slow work, during which
    others would wait for locked rows. Releases all locks, and expires entities; what
    was written can't be rolled back any more.
    """
    request.tm.commit()
    request.tm.begin()


def session_for(request: Request) -> Session:
    """Open the request's session: in its transaction, or read-only."""
    if "tm.active" in request.environ:
        session: Session = request.registry.write_sessions(info={"request": request})
        return session
    replica = request.registry.replica
    if replica is not None and (reading := replica.open(request)) is not None:
        return closed_after(request, reading)
    return closed_after(request, request.registry.read_sessions())


def primary_session_for(request: Request) -> Session:
    """Return a session for data that must be up to date, such as the caller."""
    if "tm.active" in request.environ or request.registry.replica is None:
        session: Session = request.db
        return session
    return closed_after(request, request.registry.read_sessions())


def closed_after(request: Request, session: Session) -> Session:
    request.add_finished_callback(lambda request: session.close())
    return session


def includeme(config: Configurator) -> None:
    settings = config.registry.settings
    settings.update(
        {
            "tm.manager_hook": renewed_manager,
            "tm.activate_hook": writes,
            "tm.commit_veto": veto_commit,
            "tm.annotate_user": False,
            "retry.activate_hook": attempts,
        }
    )
    config.include("pyramid_tm")
    config.include("pyramid_retry")

    config.add_setting("statement_timeout", seconds_up_to(LONGEST_STATEMENT), "30")
    config.add_setting("pool_size", count_up_to(MOST_CONNECTIONS), str(POOL_SIZE))
    make_sessions(config.registry, settings.get("sqlalchemy.url", ""))


def make_sessions(registry: Registry, url: str) -> None:
    """Make the session factories, for writes and for reads."""
    writing, reading = make_engines(url, **engine_options(registry.settings))
    registry.engine = writing
    registry.write_sessions = sessionmaker(
        writing, class_=Session, expire_on_commit=False
    )
    registry.read_sessions = sessionmaker(reading, class_=ReadSession, autoflush=False)
    # Registered once on the factory; "changed" from the start, so that statements that
    # bypass the ORM are committed as well.
    zope.sqlalchemy.register(
        registry.write_sessions,
        initial_state=STATUS_CHANGED,
        transaction_manager=TRANSACTIONS,
    )


def engine_options(settings: Mapping[str, int]) -> dict[str, int]:
    """Return the settings of all engines, including the replica's."""
    names = ("statement_timeout", "pool_size")
    return {name: settings[f"apiserver.{name}"] for name in names}
