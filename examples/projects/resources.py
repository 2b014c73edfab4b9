"""Projects in the tree: below their team and at ``/projects/``; with the ACLs.

``/teams/{team_id}/projects/{project_id}`` and ``/projects/{project_id}`` are the same
object, with the same nodes below it.
"""

from collections.abc import Iterable

from pyramid.authorization import Allow
from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Bundle

from apiserver.core.archive import ArchivableItem
from apiserver.core.history import HistoryResource
from apiserver.core.http import NotFound
from apiserver.core.tree import (
    CALLER,
    KEY,
    USER,
    Collection,
    Item,
    Resource,
    sharing,
)
from apiserver.core.typing import Row, Selection
from apiserver.teams.models import Team, TeamMember
from apiserver.teams.permissions import LEADER, MEMBER
from apiserver.users.models import User
from apiserver.users.permissions import SELF
from apiserver.users.resources import SUMMARY as USER_SUMMARY
from examples.projects.models import Project, ProjectAssignee, ProjectAttachment
from examples.projects.permissions import ProjectPermission

ROLES = {None: (), True: (LEADER,), False: (MEMBER,)}

SELECT_ASSIGNEES: Selection = (
    select(Bundle("user", *USER_SUMMARY))
    .join(ProjectAssignee, ProjectAssignee.user_id == User.id)
    .where(ProjectAssignee.project_id == bindparam("project_id"))
)


class AssigneeResource(Item[ProjectAssignee]):
    """One assignee of the project: ``context.assignee``."""

    noun = "assignee"
    key_name = "user.id"
    key_example = 2
    model = ProjectAssignee
    statement = SELECT_ASSIGNEES.where(User.id == KEY)
    # Changes to assignees lock the project.
    is_locked = False
    assignee: Row

    def lock(self) -> ProjectAssignee:
        """Return the entity; lock the row of its project."""
        project = self.above(ProjectResource).lock()
        key = (project.id, self.assignee.user.id)
        assignee = self.request.db.get(ProjectAssignee, key)
        if assignee is None:
            raise NotFound("The assignee is gone.")
        return assignee


class AssigneeCollection(Collection):
    """The assignees of the project."""

    item = AssigneeResource


class AttachmentContent(Resource):
    """The content of the file; its ACL is inherited."""


class AttachmentResource(Item[ProjectAttachment]):
    """One file of the project: ``context.attachment``."""

    children = {"content": AttachmentContent}
    noun = "attachment"
    model = ProjectAttachment
    attachment: Row


class AttachmentCollection(Collection):
    """The files of the project."""

    item = AttachmentResource


class ProjectResource(ArchivableItem[Project]):
    """One project: ``context.project``."""

    __acl__ = [
        (
            Allow,
            LEADER,
            [
                ProjectPermission.READ,
                ProjectPermission.HISTORY,
                ProjectPermission.EDIT,
                ProjectPermission.ARCHIVE,
                ProjectPermission.DELETE,
            ],
        ),
        (Allow, MEMBER, [ProjectPermission.READ, ProjectPermission.EDIT]),
    ]
    children = {
        **ArchivableItem.children,
        "assignees": AssigneeCollection,
        "attachments": AttachmentCollection,
        "history": HistoryResource,
    }
    noun = "project"
    model = Project
    # With the caller's membership of the team: NULL if there is none.
    statement = (
        select(*Project.__table__.columns, TeamMember.is_leader)
        .outerjoin(
            TeamMember,
            and_(TeamMember.team_id == Project.team_id, TeamMember.user_id == CALLER),
        )
        .where(Project.id == KEY)
    )
    project: Row

    def local_roles(self, user: Row) -> Iterable[str]:
        return ROLES[self.project.is_leader]

    def lock_row(self, *, exclusive: bool) -> None:
        """Lock the project, and its team, since the roles are those of members."""
        self.request.db.row(sharing(Team), {"key": self.project.team_id})
        super().lock_row(exclusive=exclusive)


class ReminderCollection(Resource):
    """What a user is reminded of: ``/users/me/reminders/``."""

    __acl__ = [(Allow, SELF, [ProjectPermission.REMINDERS])]


class ProjectCollection(Collection):
    """The projects of the caller's teams."""

    __acl__ = [(Allow, USER, [ProjectPermission.LIST_OWN])]
    item = ProjectResource


class TeamProjectCollection(Collection):
    """The projects of one team."""

    __acl__ = [
        (Allow, LEADER, [ProjectPermission.LIST, ProjectPermission.CREATE]),
        (Allow, MEMBER, [ProjectPermission.LIST, ProjectPermission.CREATE]),
    ]
    item = ProjectResource
