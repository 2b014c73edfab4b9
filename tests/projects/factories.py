"""Makes projects for tests."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from apiserver.core.db import now
from examples.projects.models import (
    Project,
    ProjectAssignee,
    ProjectAttachment,
    ProjectReminder,
    Status,
)
from tests.factories import store_object


def make_project(db: Session, team: Any, **columns: Any) -> Project:
    """Make a project of a team."""
    values = {"title": "New website", "status": Status.PLANNED, "tags": ()}
    project = Project(team_id=team.id, **{**values, **columns})
    db.add(project)
    db.commit()
    return project


def make_assignee(db: Session, project: Project, user: Any) -> ProjectAssignee:
    """Let a member of the team work on a project."""
    assignee = ProjectAssignee(
        project_id=project.id, team_id=project.team_id, user_id=user.id
    )
    db.add(assignee)
    db.commit()
    return assignee


def make_attachment(db: Session, project_id: int) -> ProjectAttachment:
    """Make a file of a project, which is in the storage."""
    stored = store_object(db, b"Hello", "text/plain")
    attachment = ProjectAttachment(project_id=project_id, **stored)
    db.add(attachment)
    db.commit()
    return attachment


def make_changes(db: Session, project: Project) -> None:
    """Let a project have a history."""
    about = {"row_id": project.id, "field": "status", "created": now()}
    for before, after in (("planned", "active"), ("active", "done")):
        db.add(Project.__changes__(**about, before=before, after=after))
    db.commit()


def make_reminder(db: Session, project: Project, user: Any) -> ProjectReminder:
    """Remind somebody who works on a project."""
    reminder = ProjectReminder(
        project_id=project.id, user_id=user.id, due_on=date(2026, 12, 24)
    )
    db.add(reminder)
    db.commit()
    return reminder
