"""Teams: groups of users, managed by their leaders."""

from pyramid.config import Configurator
from sqlalchemy import select

from apiserver.teams.leaders import lock_led, look_for_leaders
from apiserver.teams.models import Team, TeamMember
from apiserver.teams.resources import TeamCollection
from apiserver.users.events import AccountLocking, DeletionAsked
from apiserver.users.personal_data import USER


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.add_scope("teams:read", "See teams and their members.")
    config.add_scope("teams:write", "Create, change and delete teams.")
    config.add_node("teams", TeamCollection)
    config.add_subscriber(lock_led, AccountLocking)
    config.add_subscriber(look_for_leaders, DeletionAsked)
    memberships = (
        select(Team.id, Team.title, TeamMember.is_leader)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == USER)
    )
    config.add_personal_data("teams", memberships, by=Team.id)
    config.scan(".views")
