"""The database: base class of the models, engines, the session of a request."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import transaction
import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid_retry import mark_error_retryable
from sqlalchemy import (
    BigInteger,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator
from zope.sqlalchemy.datamanager import STATUS_CHANGED

from apiserver.core.errors import ApiError

log = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Transactions(transaction.ThreadTransactionManager):  # type: ignore[misc]
    """One transaction manager for each thread, which never begins by itself."""

    def __init__(self) -> None:
        self.manager = transaction.TransactionManager(explicit=True)


TRANSACTIONS = Transactions()

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, always with the offset of UTC; SQLite itself stores no offsets."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> Any:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


class Words(TypeDecorator[tuple[str, ...]]):
    """Words that hold no space, as OAuth2 writes a list of scopes: ``a:read b:read``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return " ".join(value) if value is not None else None

    def process_result_value(self, value: Any, dialect: Any) -> tuple[str, ...] | None:
        return tuple(value.split()) if value is not None else None


# SQLite numbers rows by itself only where the type is INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")

PrimaryKey = Annotated[int, mapped_column(BigId, primary_key=True)]


class Base(DeclarativeBase):
    """Base of all models; constraints get names, which errors and migrations need."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {
        int: BigId,
        datetime: UTCDateTime,
        tuple[str, ...]: Words,
    }


class Timestamped:
    """Rows that know when they were created and last changed."""

    created: Mapped[datetime] = mapped_column(default=now)
    updated: Mapped[datetime] = mapped_column(default=now, onupdate=now)


@contextmanager
def constraints(db: Session, **errors: type[ApiError]) -> Iterator[None]:
    """Flush, and raise the error that is given for the violated constraint.

    ::

        with constraints(db, uq_user_email=EmailTaken):
            user.email = email
    """
    try:
        yield
        db.flush()
    except IntegrityError as error:
        name = violated_constraint(error)
        if name not in errors:
            raise
        raise errors[name]() from error


def violated_constraint(error: IntegrityError) -> str | None:
    """Return the name of the constraint; SQLite names only the columns of a unique one."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        name: str | None = diagnosis.constraint_name
        return name
    columns = re.findall(r"\w+\.\w+", str(error.orig))
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint) and columns == [
                f"{table.name}.{column.name}" for column in constraint.columns
            ]:
                return str(constraint.name)
    return None


def make_engines(url: str) -> tuple[Engine, Engine]:
    """Make the engine that writes, and the one that reads without transactions."""
    parsed = make_url(url)
    options: dict[str, Any] = {}
    if parsed.get_backend_name() == "postgresql":
        options["connect_args"] = {"options": "-c timezone=utc"}
    writing = create_engine(parsed, **options)
    reading = create_engine(parsed, isolation_level="AUTOCOMMIT", **options)
    if parsed.get_backend_name() == "sqlite":
        event.listen(writing, "connect", prepare_sqlite)
        event.listen(reading, "connect", prepare_sqlite)
        event.listen(writing, "begin", begin_immediate)
    event.listen(writing, "handle_error", retry_when_others_won)
    return writing, reading


def prepare_sqlite(connection: Any, record: Any) -> None:
    """Give SQLite what PostgreSQL has by itself: foreign keys, readers beside a writer."""
    # Without this the driver begins transactions on its own, and breaks savepoints.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA busy_timeout = 10000")


def begin_immediate(connection: Any) -> None:
    """Take SQLite's write lock at once: a lock taken later can fail half-way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def retry_when_others_won(context: Any) -> None:
    """Let pyramid_retry repeat a request that lost to a concurrent one.

    That is after a serialization failure (40001) or a deadlock (40P01). Tagged here,
    since the exception view answers before pyramid_tm would look at the error.
    """
    sqlstate = getattr(context.original_exception, "sqlstate", None)
    if sqlstate in {"40001", "40P01"} and context.sqlalchemy_exception is not None:
        mark_error_retryable(context.sqlalchemy_exception)


def writes(request: Any) -> bool:
    """Whether the request gets a transaction: unsafe methods, and pages of ``/auth``."""
    return request.method not in SAFE_METHODS or request.path_info.startswith("/auth/")


def attempts(request: Any) -> int:
    """How often a request is tried: one without a transaction has nothing to repeat."""
    return 3 if writes(request) else 1


def veto_commit(request: Any, response: Any) -> bool:
    """Undo what a request wrote that is answered with an error.

    ``request.must_commit`` is for what has to survive the error: the revocation after
    a token was used twice, a failed login.
    """
    return response.status_int >= 400 and not request.must_commit


def session_for(request: Any) -> Session:
    """Open the session of a request: in its transaction, or one that only reads."""
    registry = request.registry
    if "tm.active" in request.environ:
        session: Session = registry.write_sessions()
    else:
        session = registry.read_sessions()
        request.add_finished_callback(lambda request: session.close())
    return session


def includeme(config: Configurator) -> None:
    settings = config.registry.settings
    settings.update(
        {
            "tm.manager_hook": lambda request: TRANSACTIONS,
            "tm.activate_hook": writes,
            "tm.commit_veto": veto_commit,
            "tm.annotate_user": False,
            "retry.activate_hook": attempts,
        }
    )
    config.include("pyramid_tm")
    config.include("pyramid_retry")

    writing, reading = make_engines(settings["sqlalchemy.url"])
    config.registry.write_sessions = sessionmaker(writing, expire_on_commit=False)
    config.registry.read_sessions = sessionmaker(reading, autoflush=False)
    # Registered once on the factory; a changed state from the start, so that statements
    # which bypass the ORM are committed as well.
    zope.sqlalchemy.register(
        config.registry.write_sessions,
        initial_state=STATUS_CHANGED,
        transaction_manager=TRANSACTIONS,
    )
