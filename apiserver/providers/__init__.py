"""Signing in with providers: OpenID Connect, GitHub."""

from pyramid.config import Configurator
from sqlalchemy import select

from apiserver.core.expiry import NOW
from apiserver.providers.declared import declare_all
from apiserver.providers.models import (
    LinkedIdentity,
    ProviderSignIn,
    UnlinkedIdentity,
)
from apiserver.providers.resources import IdentityCollection
from apiserver.users.personal_data import USER
from apiserver.users.resources import UserResource

MAILS = "apiserver.providers:mails"
# What is stored about a user, for the download.
OWN = select(
    LinkedIdentity.issuer,
    LinkedIdentity.subject,
    LinkedIdentity.name,
    LinkedIdentity.created,
    LinkedIdentity.last_used,
).where(LinkedIdentity.user_id == USER)


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("auth")
    config.registry.providers = tuple(declare_all(config))
    config.add_scope("providers:read", "See with which providers you sign in.")
    config.add_scope("providers:write", "Unlink providers.")
    config.add_node("identities", IdentityCollection, below=UserResource)
    config.add_expiring(ProviderSignIn, ProviderSignIn.expires < NOW)
    config.add_expiring(UnlinkedIdentity, UnlinkedIdentity.expires < NOW)
    config.add_personal_data("identities", OWN, by=LinkedIdentity.id)
    if config.uses_feature("mail"):
        for name in ("identity_linked", "identity_unlinked"):
            config.add_mail(name, MAILS, is_bounded=False)
    config.scan(".views")
    # They need Authlib, which is in an extra.
    if config.registry.providers:
        config.include(".pages")
