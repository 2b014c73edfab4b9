"""Projects of teams, with assignees and due dates."""

from pyramid.config import Configurator

from apiserver.teams.resources import TeamResource
from apiserver.users.resources import UserResource
from examples.projects.resources import (
    ProjectCollection,
    ReminderCollection,
    TeamProjectCollection,
)


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("teams")
    config.add_scope("projects:read", "See the projects of your teams.")
    config.add_scope("projects:write", "Plan, change and delete projects.")
    config.add_node("projects", ProjectCollection)
    config.add_node("projects", TeamProjectCollection, below=TeamResource)
    config.add_node("reminders", ReminderCollection, below=UserResource)
    config.scan(".views")
    config.scan(".jobs")
