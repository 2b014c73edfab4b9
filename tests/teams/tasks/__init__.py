"""A feature below teams, whose bodies refer to members of the team and to accounts."""

from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator

from apiserver.core.endpoints import ApiService, Request
from apiserver.core.schemas import List, Object, Reference
from apiserver.core.tree import Permission, Resource
from apiserver.teams.permissions import LEADER, MEMBER
from apiserver.teams.resources import TeamMemberResource, TeamResource
from apiserver.users.resources import UserResource


class TaskPermission(Permission):
    CREATE = ("task:create", "teams:write", "Give members of the team a task.")


class TaskCollection(Resource):
    __acl__ = [(Allow, role, [TaskPermission.CREATE]) for role in (LEADER, MEMBER)]


class TaskCreate(Object):
    """Who is to do what, and who looks at it."""

    assignee_ids = List(Reference(TeamMemberResource), 5, missing=())
    reviewer_id = Reference(UserResource, missing=None)


tasks = ApiService("tasks", "/teams/{team_id}/tasks/")


@tasks.post(permission=TaskPermission.CREATE, takes=TaskCreate)
def create_task(request: Request) -> Any:
    """Give a task."""


def includeme(config: Configurator) -> None:
    config.add_node("tasks", TaskCollection, below=TeamResource)
    config.scan(__name__)
