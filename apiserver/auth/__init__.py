"""OAuth2: clients, grants and tokens."""

from pyramid.config import Configurator
from sqlalchemy import bindparam, select, update

from apiserver.auth.models import (
    BrowserSession,
    Consent,
    OAuth2Client,
    OAuth2Grant,
    OAuth2Token,
)
from apiserver.auth.owners import refuse_first_party
from apiserver.auth.resources import CLIENT, AuthResource
from apiserver.core.endpoints import outside_prefix
from apiserver.core.expiry import NOW
from apiserver.users.events import AccountDeleting, DeletionAsked, PasswordChanged
from apiserver.users.personal_data import USER

KEEP_GRANT = (
    update(OAuth2Grant)
    .where(
        OAuth2Grant.id == bindparam("grant_id"),
        OAuth2Grant.user_id == bindparam("owner_id"),
        OAuth2Grant.user_epoch == bindparam("epoch") - 1,
        OAuth2Grant.revoked.is_(None),
    )
    .values(user_epoch=bindparam("epoch"))
    .execution_options(synchronize_session=False)
)


def keep_own_grant(event: PasswordChanged) -> None:
    """Keep the grant with which the password was changed; all others end.

    It was valid until this change. It ends, too, if the change also removed a role:
    then the epoch was raised twice.
    """
    identity = event.request.identity
    if identity is None:
        # The password was changed on a page.
        return
    parameters = {
        "grant_id": identity.grant_id,
        "owner_id": event.user.id,
        "epoch": event.user.epoch,
    }
    event.request.db.execute(KEEP_GRANT, parameters)


def keep_operators_clients(event: DeletionAsked) -> None:
    """Keep an account with first-party clients from being deleted."""
    refuse_first_party(event.db, event.user_id)


def keep_clients_of_deleted(event: AccountDeleting) -> None:
    refuse_first_party(event.db, event.user.id)


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.include(".acr")
    config.include(".strength")
    config.include(".policy")
    config.add_scope("auth:read", "See OAuth2 clients and grants.")
    config.add_scope("auth:write", "Change OAuth2 clients and grants.")
    config.add_node("auth", AuthResource)
    config.add_subscriber(keep_own_grant, PasswordChanged)
    config.add_subscriber(keep_operators_clients, DeletionAsked)
    config.add_subscriber(keep_clients_of_deleted, AccountDeleting)
    config.scan(".views")
    declare_expiring(config)
    declare_personal_data(config)
    with outside_prefix(config):
        config.include(".oauth")


def declare_expiring(config: Configurator) -> None:
    config.add_expiring(OAuth2Token, OAuth2Token.expires < NOW)
    config.add_expiring(OAuth2Grant, OAuth2Grant.absolute_expires < NOW)
    config.add_expiring(BrowserSession, BrowserSession.absolute_expires < NOW)
    config.add_expiring(BrowserSession, BrowserSession.idle_expires < NOW)
    config.add_expiring(Consent, Consent.expires < NOW)


def declare_personal_data(config: Configurator) -> None:
    sessions = select(
        *(BrowserSession.created, BrowserSession.last_seen, BrowserSession.amr),
        *(BrowserSession.user_agent, BrowserSession.address),
    ).where(BrowserSession.user_id == USER)
    config.add_personal_data("sessions", sessions, by=BrowserSession.id)
    clients = select(*CLIENT).where(OAuth2Client.user_id == USER)
    config.add_personal_data("clients", clients, by=OAuth2Client.id)
    grants = (
        select(
            *(OAuth2Client.client_id, OAuth2Grant.grant_type),
            *(OAuth2Grant.granted_scopes, OAuth2Grant.created),
            *(OAuth2Grant.absolute_expires, OAuth2Grant.revoked),
        )
        .join(OAuth2Client, OAuth2Client.id == OAuth2Grant.client_id)
        .where(OAuth2Grant.user_id == USER)
    )
    config.add_personal_data("grants", grants, by=OAuth2Grant.id)
