"""Identify callers with personal access tokens, for the policy of ``auth``."""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import (
    String,
    bindparam,
    cast,
    delete,
    false,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from apiserver.auth.policy import TokenKind
from apiserver.auth.tokens import digest
from apiserver.core.audit import record
from apiserver.core.db import Session, UTCDateTime, now
from apiserver.core.endpoints import Request
from apiserver.core.typing import Row
from apiserver.personal_tokens.models import PersonalToken
from apiserver.users.gates import passed
from apiserver.users.models import User
from apiserver.users.resources import DETAIL

NOW = bindparam("now", type_=UTCDateTime)
BEFORE = bindparam("before", type_=UTCDateTime)
# The last use is recorded to the hour: frequent use costs no writes.
NOTED = timedelta(hours=1)

# The same columns that the policy reads for access tokens. Events name the token as
# their client; clients' own names contain no colon.
BEARER = (
    select(
        *DETAIL,
        User.is_internal,
        PersonalToken.scopes,
        PersonalToken.scopes.label("default_scopes"),
        (literal("personal_token:") + cast(PersonalToken.id, String)).label(
            "client_id"
        ),
        null().label("grant_id"),
        null().label("auth_time"),
        PersonalToken.amr,
        false().label("of_reader"),
        PersonalToken.id.label("token_id"),
        PersonalToken.expires,
        PersonalToken.created.label("issued"),
        PersonalToken.last_used,
    )
    .join(User, User.id == PersonalToken.user_id)
    .where(
        PersonalToken.digest == bindparam("digest"),
        or_(PersonalToken.expires.is_(None), PersonalToken.expires > NOW),
        User.is_active,
        User.epoch == PersonalToken.user_epoch,
    )
)
HOLD = BEARER.where(passed(bindparam("caller"))).with_for_update(
    read=True, of=(User, PersonalToken)
)
TOUCH = (
    update(PersonalToken)
    .where(
        PersonalToken.id == bindparam("token_id"),
        or_(PersonalToken.last_used.is_(None), PersonalToken.last_used < BEFORE),
    )
    .values(last_used=NOW)
    .execution_options(synchronize_session=False)
)
REVOKE = (
    delete(PersonalToken)
    .where(PersonalToken.digest == bindparam("digest"))
    .returning(PersonalToken.id, PersonalToken.user_id)
)


def note_use(request: Request, row: Row) -> None:
    """Record the use after the response, if the last recorded one isn't recent."""
    if row.last_used is None or row.last_used < now() - NOTED:
        token_id = row.token_id
        request.add_finished_callback(lambda request: touch(request, token_id))


def touch(request: Request, token_id: int) -> None:
    """Write the time of use, or skip it if the database is busy."""
    engine = request.registry.write_sessions.kw["bind"]
    session = Session(engine, join_transaction_mode="create_savepoint")
    with suppress(SQLAlchemyError), session as db, db.begin():
        moment = now()
        times = {"now": moment, "before": moment - NOTED}
        db.execute(TOUCH, {"token_id": token_id, **times})


def revoke(request: Request, token: str) -> None:
    """End the token; do nothing if it is unknown (RFC 7009 section 2.2)."""
    row = request.db.execute(REVOKE, {"digest": digest(token)}).one_or_none()
    if row is not None:
        target = f"personal_token:{row.id} of:{row.user_id}"
        record(request, "personal_token_revoked", target=target)


KIND = TokenKind(bearer=BEARER, hold=HOLD, used=note_use, revoke=revoke)
