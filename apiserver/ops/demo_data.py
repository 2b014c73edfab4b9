"""Refuses to serve production with the demo data, whose passwords are public."""

import logging

from pyramid.exceptions import ConfigurationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from apiserver import demo
from apiserver.core.registry import Registry
from apiserver.core.settings import databases

log = logging.getLogger(__name__)

ACCOUNT = "* the account {}: apiserver set-password -i production.ini --username {}"
CLIENT = "* the client {}: apiserver revoke -i production.ini --client {} --disable"


def refuse_demo_data(registry: Registry) -> None:
    """Raise ConfigurationError for accounts and clients of the demo, with the remedy.

    The server starts even if the database is unreachable or not migrated.
    """
    engine = registry.engine
    try:
        with Session(engine) as db:
            found = [ACCOUNT.format(name, name) for name in demo.known_accounts(db)]
            found += [CLIENT.format(name, name) for name in demo.known_clients(db)]
    except SQLAlchemyError as error:
        reason = str(error)
        if isinstance(error, DBAPIError):
            reason = databases.reason(error)
            if databases.is_refused(error):
                raise ConfigurationError(reason) from None
        log.warning("Can't check for demo data. %s", reason)
        return
    finally:
        # A web server may fork from here: processes must not share a connection.
        engine.dispose()
    if found:
        listed = "\n".join(found)
        raise ConfigurationError(
            f"The database contains demo data, whose passwords are public:\n{listed}"
        )
