"""How many mails one recipient gets, and one address of the network may ask for.

Counted by one statement, in the database that all processes share.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from pyramid.config import Configurator
from sqlalchemy import bindparam, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from apiserver.core import settings
from apiserver.core.audit import FAILURE, record
from apiserver.core.db import Session, now
from apiserver.core.endpoints import Request
from apiserver.core.expiry import NOW
from apiserver.core.http import TooManyRequests
from apiserver.core.jobs import Run
from apiserver.mail.models import MailCounter


def counting(
    insert: Callable[..., sqlite.Insert | postgresql.Insert],
) -> ReturningInsert[int, datetime]:
    """Make the statement that counts a mail, by the ``insert`` of a dialect."""
    statement = insert(MailCounter.__table__).values(
        key=bindparam("counter"), number=1, expires=bindparam("end")
    )
    running = MailCounter.expires > NOW
    return statement.on_conflict_do_update(
        index_elements=[MailCounter.key],
        set_={
            "number": case((running, MailCounter.number + 1), else_=1),
            "expires": case(
                (running, MailCounter.expires), else_=statement.excluded.expires
            ),
        },
    ).returning(MailCounter.number, MailCounter.expires)


COUNT = {
    "postgresql": counting(postgresql.insert),
    "sqlite": counting(sqlite.insert),
}


def key(kind: str, name: str) -> str:
    """Return what is counted by: nothing that was typed."""
    return f"{kind}:{sha256(name.encode()).hexdigest()}"


class Counted(NamedTuple):
    """The number of a mail in its window, and the seconds until the next begins."""

    number: int
    wait: int


def count(db: Session, counter: str, window: int) -> Counted:
    """Count a mail."""
    moment = now()
    end = moment + timedelta(seconds=window)
    parameters = {"counter": counter, "now": moment, "end": end}
    statement = COUNT[db.get_bind().dialect.name]
    number, expires = db.execute(statement, parameters).one()
    return Counted(number, max(1, math.ceil((expires - moment).total_seconds())))


def limit_mails(request: Request) -> None:
    """Count a mail that a request asks for; raise TooManyRequests for too many.

    By the address of the network alone, so that the answer tells nothing of whoever is
    to get it. A view calls it in its ``prepare``, before it locks or looks up anything.
    """
    counter = key("mail", request.network)
    limit: int = request.setting("mails_per_address")
    counted = count(request.db, counter, request.setting("mail_window"))
    if counted.number > limit:
        # Once: those that follow are not even stored.
        if counted.number == limit + 1:
            record(request, "throttled", FAILURE, target=counter)
            # The refusal must not undo the count.
            request.must_commit = True
        raise TooManyRequests(counted.wait)


def is_over(run: Run, recipient: str) -> bool:
    """Count a mail to a recipient; return whether that are too many in a window.

    Once for a job: another attempt at it is the same mail.
    """
    values = run.registry.settings
    if run.attempt > 1:
        return False
    counter = key("recipient", recipient.casefold())
    counted = count(run.db, counter, values["apiserver.mail_window"])
    limit: int = values["apiserver.mails_per_recipient"]
    return counted.number > limit


def includeme(config: Configurator) -> None:
    config.add_setting("mails_per_recipient", settings.count, "10")
    config.add_setting("mails_per_address", settings.count, "30")
    config.add_setting("mail_window", settings.seconds, "3600")
