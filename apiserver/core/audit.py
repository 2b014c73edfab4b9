"""The audit log: who did what with accounts, clients and grants, and who tried to.

An event is a row of ``audit_event`` and a line of the logger ``apiserver.audit``.
Neither holds a secret, nor anything that was typed into a form: people type their
password into the wrong field.
"""

import logging
import secrets
from typing import Any, TypedDict, Unpack

from pyramid.config import Configurator
from sqlalchemy import event as hooks
from sqlalchemy import insert
from sqlalchemy.orm import Session

from apiserver.core.models import AuditEvent

log = logging.getLogger("apiserver.audit")

INSERT = insert(AuditEvent)

SUCCESS = "success"
FAILURE = "failure"
DENIED = "denied"


# In the place of the address, for what was not done by a request.
COMMAND = "command"


class About(TypedDict, total=False):
    """Who did it, and with what, as far as there is such a thing."""

    actor_id: int | None
    client_id: str | None
    grant_id: int | None
    target: str | None


def record(
    request: Any, action: str, result: str = SUCCESS, **about: Unpack[About]
) -> None:
    """Add an event to the transaction of the request.

    A failure survives the error that it is answered with, and so does everything else
    that the request has written: it must be nothing that the error should undo.
    """
    event = {
        "action": action,
        "result": result,
        **about,
        "request_id": request.request_id,
        "address": request.address,
    }
    request.db.run(INSERT, event)
    if result == FAILURE:
        request.must_commit = True
    # Not before: a request that lost to a concurrent one is tried again.
    request.tm.get().addAfterCommitHook(announce, (event, request.registry))


def record_call(request: Any, action: str, *, target: str) -> None:
    """Record what the API did for its caller."""
    identity = request.identity
    record(
        request,
        action,
        actor_id=identity.user_id,
        client_id=identity.client_id,
        grant_id=identity.grant_id,
        target=target,
    )


def record_command(db: Session, action: str, *, target: str) -> None:
    """Record what the operator did, by a command on the machine of the server."""
    about = {
        "action": action,
        "result": SUCCESS,
        "target": target,
        "request_id": secrets.token_hex(16),
        "address": COMMAND,
    }
    db.execute(INSERT, about)
    hooks.listen(db, "after_commit", lambda _: write(about), once=True)


def announce(committed: bool, event: dict[str, Any], registry: Any) -> None:  # noqa: FBT001 (transaction's hook)
    """Log the event, and tell who listens."""
    if committed:
        write(event)
        for listen in registry.audit_listeners:
            listen(event)


def write(event: dict[str, Any]) -> None:
    """Log the event as ``name=value``; the fields are there for formatters, too."""
    known = [f"{name}={value}" for name, value in event.items() if value is not None]
    log.info(" ".join(known), extra=event)


def includeme(config: Configurator) -> None:
    # Functions that are called with each event, once it is committed.
    config.registry.audit_listeners = []
