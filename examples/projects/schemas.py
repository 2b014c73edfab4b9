"""Projects as JSON."""

from typing import Any

from apiserver.core.files import FileDetail, FileName, UploadQuery
from apiserver.core.schemas import (
    Choice,
    Date,
    Decimal,
    Id,
    Moment,
    Object,
    Set,
    Text,
)
from apiserver.users.schemas import UserSummary
from examples.projects.models import Status


def title(**kw: Any) -> Text:
    """Make a node for the title of a project."""
    about = {"example": "New website", "description": "Unique among live projects."}
    return Text(1, 100, blank=False, **about, **kw)


def status(**kw: Any) -> Choice:
    """Make a node for the status of a project."""
    return Choice(Status, example="active", description="How far it is.", **kw)


def due_on(**kw: Any) -> Date:
    """Make a node for the day when a project is due."""
    about = "The day when it has to be done; null if there is none."
    return Date(nullable=True, example="2026-12-24", description=about, **kw)


def budget(**kw: Any) -> Decimal:
    """Make a node for the budget of a project."""
    about = "What it may cost, in euros; null if nobody has said."
    return Decimal(12, 2, nullable=True, example="1500.00", description=about, **kw)


def tags(**kw: Any) -> Set:
    """Make a node for the tags of a project."""
    about = {"example": ["web", "design"], "description": "Words to find it by."}
    return Set(Text(1, 30, blank=False), 20, **about, **kw)


class ProjectSummary(Object):
    """A project, in lists."""

    id = Id()
    team_id = Id(description="The team that works on it.")
    title = title()
    status = status()
    due_on = due_on()
    archived = Moment(nullable=True, description="When it was archived.")


class ProjectDetail(ProjectSummary):
    """A project."""

    budget = budget()
    tags = tags()
    created = Moment()
    updated = Moment()


class ProjectCreate(Object):
    """The fields of a new project."""

    title = title()
    status = status(missing=Status.PLANNED)
    due_on = due_on(missing=None)
    budget = budget(missing=None)
    tags = tags(missing=())


class ProjectPatch(Object):
    """The fields of a project that can be patched."""

    title = title()
    status = status()
    due_on = due_on()
    budget = budget()
    tags = tags()


class Assignee(Object):
    """A member of the team who is assigned to the project."""

    user = UserSummary()


class Assign(Object):
    """The member to assign."""

    user_id = Id(example=2, description="The user, who is a member of the team.")


class AttachmentQuery(UploadQuery):
    """The name of the file."""

    name = FileName(example="offer.pdf")


class AttachmentDetail(FileDetail):
    """The metadata of a project's file."""

    id = Id()


class Reminder(Object):
    """A project that is due soon, to which you are assigned."""

    id = Id()
    title = title()
    due_on = Date(example="2026-12-24", description="The day when it is due.")


class ReminderPayload(Object):
    """The project, and its due date when the job was enqueued."""

    project_id = Id()
    due_on = Date(example="2026-12-24")
