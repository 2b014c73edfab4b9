"""Reminds the assignees of a project on the day before it is due."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from apiserver.core.db import Session, now
from apiserver.core.jobs import Run, job, put
from apiserver.core.typing import Row
from examples.projects import schemas
from examples.projects.models import (
    Project,
    ProjectAssignee,
    ProjectReminder,
    Status,
)

BEFORE = timedelta(days=1)


def remind_before(db: Session, project: Row) -> None:
    """Enqueue the reminder of a project, if it is due in the future."""
    if project.due_on is not None and project.due_on > now().date():
        day = datetime.combine(project.due_on, time(), UTC)
        values = {"project_id": project.id, "due_on": project.due_on}
        put(db, remind, values, at=day - BEFORE)


@job(takes=schemas.ReminderPayload)
def remind(run: Run, *, project_id: int, due_on: date) -> None:
    """Remind the assignees of a project, if it is still due on that day."""
    project = run.db.get(Project, project_id)
    if (
        project is None
        or project.due_on != due_on
        or project.archived is not None
        or project.status is Status.DONE
    ):
        return
    assignees = select(ProjectAssignee.user_id).where(
        ProjectAssignee.project_id == project_id
    )
    for user_id in run.db.scalars(assignees):
        values = {"project_id": project_id, "user_id": user_id, "due_on": due_on}
        run.db.merge(ProjectReminder(**values))
