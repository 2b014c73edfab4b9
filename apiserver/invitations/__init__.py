"""Invitations to teams, by address: mailed as a link, accepted by whoever has it.

Nothing here looks up whether an address has an account: leaders don't learn it.
"""

from datetime import timedelta

from pyramid.config import Configurator

from apiserver.core import settings
from apiserver.core.expiry import NOW
from apiserver.invitations.actions import forget_address
from apiserver.invitations.models import Invitation
from apiserver.invitations.resources import InvitationCollection, InvitationLinks
from apiserver.teams.resources import TeamResource
from apiserver.users.events import AccountDeleting

# For that long leaders see that nobody has accepted, and may resend it.
KEPT = timedelta(days=30)


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("teams")
    config.require_feature("auth")
    config.require_feature("mail")
    config.add_setting("invitation_lifetime", settings.seconds, "604800")
    config.add_setting("invitation_signup", settings.boolean, "false")
    config.add_setting("invitations_per_team", settings.count, "100")
    config.add_scope("invitations:read", "See invitations to teams.")
    config.add_scope("invitations:write", "Invite people to teams, accept invitations.")
    config.add_node("invitations", InvitationCollection, below=TeamResource)
    config.add_node("invitations", InvitationLinks)
    config.add_expiring(Invitation, Invitation.expires < NOW, after=KEPT)
    config.add_mail("invitation", "apiserver.invitations:mails")
    config.add_page("account_invitation", "/account/invitation")
    config.add_subscriber(forget_address, AccountDeleting)
    config.scan(".jobs")
    config.scan(".views")
    config.scan(".pages")
