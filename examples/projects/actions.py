"""Changes to projects and their assignees."""

from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from apiserver.core.db import Session, constraints
from apiserver.core.http import Conflict, NotFound
from apiserver.core.typing import Row
from apiserver.teams.models import TeamMember
from apiserver.users.models import User
from apiserver.users.resources import SUMMARY as USER_SUMMARY
from examples.projects import jobs
from examples.projects.models import Project, ProjectAssignee

FIND_MEMBER = (
    select(*USER_SUMMARY)
    .join(TeamMember, TeamMember.user_id == User.id)
    .where(
        TeamMember.team_id == bindparam("team_id"),
        TeamMember.user_id == bindparam("user_id"),
    )
)


class TitleTaken(Conflict):
    name = "title"
    sentence = "The team has a project of this title already."


class NoSuchMember(NotFound):
    sentence = "The team has no such member."


class AlreadyAssigned(Conflict):
    name = "user_id"
    sentence = "The member works on the project already."


class Assigned(NamedTuple):
    """An assignee of a project."""

    user: Row


def create_project(db: Session, **values: Any) -> Row:
    """Create a project, and schedule its reminder; raise TitleTaken."""
    with constraints(db, ix_project_team_id_title=TitleTaken):
        project = db.insert(Project, **values)
    jobs.remind_before(db, project)
    return project


def assign(db: Session, project: Project, *, user_id: int) -> Assigned:
    """Assign a member of the team to the project, which must be locked.

    Raises NoSuchMember or AlreadyAssigned.
    """
    ids = {"team_id": project.team_id, "user_id": user_id}
    user = db.row(FIND_MEMBER, ids)
    if user is None:
        raise NoSuchMember
    with constraints(
        db,
        pk_project_assignee=AlreadyAssigned,
        # They have left the team meanwhile.
        fk_project_assignee_team_id_user_id=NoSuchMember,
    ):
        db.insert(ProjectAssignee, project_id=project.id, **ids)
    return Assigned(user)
