"""Who works on a project, through the whole stack; and what they are reminded of."""

from datetime import timedelta
from unittest.mock import ANY

import pytest
from sqlalchemy import select, update

from apiserver.core.db import now
from apiserver.core.jobs import work_off
from apiserver.core.jobs.models import QueuedJob
from examples.projects.actions import AlreadyAssigned, NoSuchMember
from examples.projects.models import ProjectAssignee
from tests.patches import replace
from tests.problems import conflict, problem
from tests.users.accounts import summary

DAY = timedelta(days=1)


class TestAssignees:
    def test_are_members_of_the_team(self, client, path, member, make_user):
        response = client.post(f"{path}/assignees/", {"user_id": member.id})
        assert response.json == {"user": summary(member)}
        location = response.headers["Location"]
        assert client.call("GET", location).json == response.json
        assert client.get(f"{path}/assignees/").json == [response.json]
        refused = client.post(f"{path}/assignees/", {"user_id": make_user().id})
        assert refused.json == problem(404, NoSuchMember.sentence)

    def test_are_none_twice(self, client, path, row, member, make_assignee):
        make_assignee(row, member)
        response = client.post(f"{path}/assignees/", {"user_id": member.id})
        assert response.json == conflict(AlreadyAssigned.sentence, "user_id")

    def test_can_be_taken_off_it(self, client, path, row, member, make_assignee):
        make_assignee(row, member)
        assert client.delete(f"{path}/assignees/{member.id}").status_int == 204
        assert client.get(f"{path}/assignees/").json == []

    def test_leave_it_with_the_team(self, client, row, team, member, make_assignee, db):
        make_assignee(row, member)
        gone = client.delete(f"/teams/{team.id}/members/{member.id}")
        assert gone.status_int == 204
        assert db.scalars(select(ProjectAssignee)).all() == []


class TestReminders:
    @pytest.fixture
    def due(self, client, path):
        """A function that sets the day when the project is due."""
        return lambda day: client.patch(path, [replace("due_on", day)])

    @pytest.fixture
    def reminded(self, app, api, db, member):
        """A function that runs the jobs, and returns what the member then sees."""

        def run():
            db.execute(update(QueuedJob).values(due=QueuedJob.created))
            work_off(app.registry)
            return api(member).get("/users/me/reminders/").json

        return run

    def test_is_put_for_the_day_before(self, due, db):
        due("2126-12-24")
        moment = db.scalars(select(QueuedJob.due)).one()
        assert moment.isoformat() == "2126-12-23T00:00:00+00:00"

    def test_reaches_whoever_works_on_it(
        self, due, reminded, row, member, make_assignee, client
    ):
        make_assignee(row, member)
        day = f"{(now() + DAY).date()}"
        due(day)
        assert reminded() == [{"id": row.id, "title": row.title, "due_on": day}]
        assert client.get("/users/me/reminders/").json == []
        assert client.get(f"/users/{member.id}/reminders/").status_int == 403

    @pytest.mark.parametrize(
        "change", [replace("due_on", None), replace("status", "done")]
    )
    def test_is_none_where_it_is_needed_no_more(
        self, due, reminded, row, path, member, make_assignee, client, change
    ):
        make_assignee(row, member)
        due("2126-12-24")
        client.patch(path, [change])
        assert reminded() == []
        assert client.get(path).json["updated"] == ANY
