"""The endpoints of projects: below their teams, and at ``/projects``."""

from sqlalchemy import BigInteger, bindparam, exists, select

from apiserver.core.archive import live_or_archived
from apiserver.core.db import constraints
from apiserver.core.endpoints import MEBIBYTE, ApiService, Request, returns_content
from apiserver.core.files import StorageUnavailable, send_stored, upload
from apiserver.core.history import ChangeDetail, history_of
from apiserver.core.lists import (
    ListFilter,
    Listing,
    at_least,
    at_most,
    contains,
    is_null,
    one_of,
)
from apiserver.core.schemas import Id
from apiserver.core.typing import Row
from apiserver.teams.models import TeamMember
from apiserver.users.models import User
from examples.projects import actions, jobs, schemas
from examples.projects.models import (
    Project,
    ProjectAssignee,
    ProjectAttachment,
    ProjectReminder,
)
from examples.projects.permissions import ProjectPermission
from examples.projects.resources import (
    SELECT_ASSIGNEES,
    AttachmentResource,
    ProjectResource,
)

SUMMARY = (
    Project.id,
    Project.team_id,
    Project.title,
    Project.status,
    Project.due_on,
    Project.archived,
)
SORT = (Project.title, Project.due_on, Project.created)
FILTERS = {
    "title": contains(Project.title),
    "status": one_of(Project.status),
    "due_from": at_least(Project.due_on),
    "due_until": at_most(Project.due_on),
    "without_due_date": is_null(Project.due_on),
    "assignee": ListFilter(
        Id(example=2, description="Only projects on which this user works."),
        BigInteger(),
        lambda user_id: exists().where(
            ProjectAssignee.project_id == Project.id, ProjectAssignee.user_id == user_id
        ),
    ),
    "archived": live_or_archived(Project),
}
OF_TEAM = Listing(
    select(*SUMMARY).where(Project.team_id == bindparam("team_id")),
    by=Project.id,
    sort=SORT,
    filters=FILTERS,
)
OWN = Listing(
    select(*SUMMARY)
    .join(TeamMember, TeamMember.team_id == Project.team_id)
    .where(TeamMember.user_id == bindparam("caller")),
    by=Project.id,
    sort=SORT,
    filters=FILTERS,
)
REMINDERS = Listing(
    select(Project.id, Project.title, ProjectReminder.due_on)
    .join(ProjectReminder, ProjectReminder.project_id == Project.id)
    .where(ProjectReminder.user_id == bindparam("user_id")),
    by=Project.id,
)
HISTORY = history_of(Project)
ATTACHMENTS = Listing(
    select(*ProjectAttachment.__table__.columns).where(
        ProjectAttachment.project_id == bindparam("project_id")
    ),
    by=ProjectAttachment.id,
)
# The allowed media types and size of attachments.
MEDIA_TYPES = ("application/pdf", "image/png", "text/plain")
MOST = 20 * MEBIBYTE
ASSIGNEES = Listing(SELECT_ASSIGNEES, by=User.id)

of_team = ApiService("team_projects", "/teams/{team_id}/projects/")
projects = ApiService("projects", "/projects/")
project = ApiService("project", "/projects/{project_id}")
archiving = ApiService("project_archive", "/projects/{project_id}/archive")
restoring = ApiService("project_restore", "/projects/{project_id}/restore")
assignees = ApiService("assignees", "/projects/{project_id}/assignees/")
history = ApiService("project_history", "/projects/{project_id}/history/")
attachments = ApiService("attachments", "/projects/{project_id}/attachments/")
attachment = ApiService(
    "attachment", "/projects/{project_id}/attachments/{attachment_id}"
)
content = ApiService("attachment_content", f"{attachment.path}/content")
reminders = ApiService("reminders", "/users/{user_id}/reminders/")
assignee = ApiService("assignee", "/projects/{project_id}/assignees/{user_id}")


@projects.get(
    permission=ProjectPermission.LIST_OWN, lists=OWN, returns=schemas.ProjectSummary
)
def list_projects(request: Request) -> object:
    """List the projects of your teams."""
    return OWN.page_of(request, caller=request.caller_id)


@of_team.get(
    permission=ProjectPermission.LIST, lists=OF_TEAM, returns=schemas.ProjectSummary
)
def list_team_projects(request: Request) -> object:
    """List the projects of a team."""
    return OF_TEAM.page_of(request)


@of_team.post(
    permission=ProjectPermission.CREATE,
    takes=schemas.ProjectCreate,
    returns=schemas.ProjectDetail,
    errors=(actions.TitleTaken,),
)
def create_project(request: Request) -> Row:
    """Plan a project of a team."""
    values = {**request.context.ids(), **request.validated["body"]}
    return actions.create_project(request.db, **values)


@project.get(permission=ProjectPermission.READ, returns=schemas.ProjectDetail)
def get_project(request: Request) -> object:
    """See a project."""
    return request.context.project


@project.patch(
    permission=ProjectPermission.EDIT,
    takes=schemas.ProjectPatch,
    returns=schemas.ProjectDetail,
    errors=(actions.TitleTaken,),
)
def patch_project(request: Request) -> Project:
    """Change a project."""
    due_on = request.context.project.due_on
    with constraints(request.db, ix_project_team_id_title=actions.TitleTaken):
        changed: Project = request.context.patch()
    if changed.due_on != due_on:
        jobs.remind_before(request.db, changed)
    return changed


@project.delete(permission=ProjectPermission.DELETE)
def delete_project(request: Request) -> None:
    """Delete a project, and all that belongs to it."""
    request.context.delete()


@archiving.post(permission=ProjectPermission.ARCHIVE, returns=schemas.ProjectDetail)
def archive_project(request: Request) -> object:
    """Archive a project: it can be read, but not changed."""
    return request.context.above(ProjectResource).archive()


@restoring.post(
    permission=ProjectPermission.ARCHIVE,
    returns=schemas.ProjectDetail,
    errors=(actions.TitleTaken,),
)
def restore_project(request: Request) -> object:
    """Restore a project that was archived."""
    with constraints(request.db, ix_project_team_id_title=actions.TitleTaken):
        return request.context.above(ProjectResource).restore()


@assignees.get(
    permission=ProjectPermission.READ, lists=ASSIGNEES, returns=schemas.Assignee
)
def list_assignees(request: Request) -> object:
    """List the members who are assigned to a project."""
    return ASSIGNEES.page_of(request)


@assignees.post(
    permission=ProjectPermission.EDIT,
    takes=schemas.Assign,
    returns=schemas.Assignee,
    errors=(actions.NoSuchMember, actions.AlreadyAssigned),
)
def assign(request: Request) -> object:
    """Assign a member of the team to a project."""
    entity = request.context.above(ProjectResource).lock()
    return actions.assign(request.db, entity, **request.validated["body"])


@assignee.get(permission=ProjectPermission.READ, returns=schemas.Assignee)
def get_assignee(request: Request) -> object:
    """See a member who is assigned to a project."""
    return request.context.assignee


@assignee.delete(permission=ProjectPermission.EDIT)
def unassign(request: Request) -> None:
    """Remove a member from a project."""
    request.db.delete(request.context.lock())


@attachments.get(
    permission=ProjectPermission.READ,
    lists=ATTACHMENTS,
    returns=schemas.AttachmentDetail,
)
def list_attachments(request: Request) -> object:
    """List the files of a project."""
    return ATTACHMENTS.page_of(request)


@attachments.post(
    permission=ProjectPermission.EDIT,
    takes=upload(*MEDIA_TYPES, most=MOST, query=schemas.AttachmentQuery),
    returns=schemas.AttachmentDetail,
    errors=(StorageUnavailable,),
)
def attach(request: Request) -> Row:
    """Attach a file to a project."""
    project = request.context.above(ProjectResource).lock()
    values = request.validated["file"]
    return request.db.insert(ProjectAttachment, project_id=project.id, **values)


@attachment.get(permission=ProjectPermission.READ, returns=schemas.AttachmentDetail)
def get_attachment(request: Request) -> object:
    """See the metadata of a file."""
    return request.context.attachment


@attachment.delete(permission=ProjectPermission.EDIT)
def delete_attachment(request: Request) -> None:
    """Delete a file."""
    request.context.delete()


@content.get(permission=ProjectPermission.READ, returns=returns_content(*MEDIA_TYPES))
def download_attachment(request: Request) -> object:
    """Download a file, or the range in `Range`."""
    file = request.context.above(AttachmentResource).attachment
    return send_stored(request, file)


@history.get(permission=ProjectPermission.HISTORY, lists=HISTORY, returns=ChangeDetail)
def list_project_history(request: Request) -> object:
    """See who has changed a project: what, when, from what to what."""
    return HISTORY.page_of(request)


@reminders.get(
    permission=ProjectPermission.REMINDERS, lists=REMINDERS, returns=schemas.Reminder
)
def list_reminders(request: Request) -> object:
    """List the projects of which you are reminded."""
    return REMINDERS.page_of(request)


project_of_team = project.also_at("/teams/{team_id}/projects/{project_id}", "of_team")
