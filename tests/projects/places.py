"""Projects, and what a caller can be to them."""

from typing import Any

from tests.contract.places import Place
from tests.factories import make_team, make_team_of, make_user
from tests.projects import factories


def project(db: Any, caller: Any, role: str | None) -> Place:
    member, other, newcomer = (make_user(db) for _ in range(3))
    team = make_team_of(db, caller, role, member, other, newcomer)
    made = factories.make_project(db, team)
    factories.make_project(db, team, title="New logo")
    for each in (member, other):
        factories.make_assignee(db, made, each)
    factories.make_changes(db, made)
    attachments = [factories.make_attachment(db, made.id) for _ in "ab"]
    keys = {
        "team_id": team.id,
        "project_id": made.id,
        "user_id": member.id,
        "attachment_id": attachments[0].id,
    }
    return Place(keys, {role}, user_id=newcomer.id)


def reminders(db: Any, caller: Any, role: str | None) -> Place:
    user = caller if role == "user:self" else make_user(db)
    team = make_team(db, leaders=[user])
    for title in ("New website", "New logo"):
        factories.make_reminder(db, factories.make_project(db, team, title=title), user)
    return Place({"user_id": user.id}, {role})


PLACES = {
    "/users/{user_id}/reminders/": reminders,
    "/projects/{project_id}": project,
    "/projects/{project_id}/assignees/{user_id}": project,
    "/projects/{project_id}/attachments/{attachment_id}": project,
    "/teams/{team_id}/projects/{project_id}": project,
}
