"""OAuth2: clients, grants and tokens."""

from pyramid.config import Configurator
from sqlalchemy import bindparam, update

from apiserver.auth.models import (
    BrowserSession,
    Consent,
    OAuth2Grant,
    OAuth2Token,
)
from apiserver.auth.resources import AuthResource
from apiserver.core.endpoints import outside_prefix
from apiserver.core.expiry import NOW
from apiserver.users.events import PasswordChanged

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
    """Let the grant live in whose name the password was changed; all others end.

    It lived until this change, and ends, too, if that took a role away: then the epoch
    is two higher.
    """
    parameters = {
        "grant_id": event.request.identity.grant_id,
        "owner_id": event.user.id,
        "epoch": event.user.epoch,
    }
    event.request.db.execute(KEEP_GRANT, parameters)


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.include(".acr")
    config.include(".strength")
    config.include(".policy")
    config.add_scope("auth:read", "See OAuth2 clients and grants.")
    config.add_scope("auth:write", "Change OAuth2 clients and grants.")
    config.add_node("auth", AuthResource)
    config.add_subscriber(keep_own_grant, PasswordChanged)
    config.scan(".views")
    declare_expiring(config)
    with outside_prefix(config):
        config.include(".oauth")


def declare_expiring(config: Configurator) -> None:
    config.add_expiring(OAuth2Token, OAuth2Token.expires < NOW)
    config.add_expiring(OAuth2Grant, OAuth2Grant.absolute_expires < NOW)
    config.add_expiring(BrowserSession, BrowserSession.absolute_expires < NOW)
    config.add_expiring(BrowserSession, BrowserSession.idle_expires < NOW)
    config.add_expiring(Consent, Consent.expires < NOW)
