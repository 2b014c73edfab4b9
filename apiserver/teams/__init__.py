"""Teams: groups of users, managed by their leaders."""

from pyramid.config import Configurator

from apiserver.teams.leaders import lock_led
from apiserver.teams.resources import TeamCollection
from apiserver.users.events import AccountLocking


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.add_scope("teams:read", "See teams and their members.")
    config.add_scope("teams:write", "Create, change and delete teams.")
    config.add_node("teams", TeamCollection)
    config.add_subscriber(lock_led, AccountLocking)
    config.scan(".views")
