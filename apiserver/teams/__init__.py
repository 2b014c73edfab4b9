"""Teams: users work together, and leaders say who belongs to them."""

from pyramid.config import Configurator

from apiserver.teams.resources import TeamCollection


def includeme(config: Configurator) -> None:
    config.add_scope("teams:read", "See teams and their members.")
    config.add_scope("teams:write", "Create, change and delete teams.")
    config.add_node("teams", TeamCollection)
    config.scan(".views")
