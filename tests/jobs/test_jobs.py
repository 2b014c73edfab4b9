"""Jobs, as administrators see them, try them again and delete them."""

from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.core.jobs import JobState, QueuedJob
from tests.jobs.places import make_job
from tests.problems import problem
from tests.project import admin, app

__all__ = ["admin", "app"]

CREATED = datetime(2026, 3, 1, tzinfo=UTC)
DEAD = {
    "id": ANY,
    "name": "purge_expired",
    "state": "dead",
    "attempts": 10,
    "created": "2026-03-01T00:00:00+00:00",
    "due": None,
    "started": None,
    "error": "OperationalError in purge, line 42",
    "key": "purge_expired".ljust(32, "0"),
    "request_id": "purge_expired".ljust(32, "0"),
}


@pytest.fixture
def client(api, admin):
    return api(admin)


@pytest.fixture
def make(db):
    """A function that makes a dead job, or another."""
    return lambda **values: make_job(db, **{"created": CREATED, **values})


class TestList:
    def test_shows_all_but_payloads(self, client, make):
        make()
        assert client.get("/jobs/").json == [DEAD]

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("?state=queued&state=running", ["b", "c"]),
            ("?created_until=2026-03-02T00:00:00Z", ["a", "b"]),
        ],
    )
    def test_is_filtered(self, client, make, query, names):
        make(name="a")
        make(name="b", state=JobState.QUEUED, due=CREATED)
        later = CREATED + timedelta(days=1)
        make(name="c", state=JobState.RUNNING, due=CREATED, created=later)
        assert [job["name"] for job in client.get(f"/jobs/{query}").json] == names


class TestRetry:
    def test_queues_a_dead_job_again(self, client, admin, acts, make):
        made = make()
        answer = client.post(f"/jobs/{made.id}/retry")
        assert answer.json == {**DEAD, "state": "queued", "attempts": 0, "due": ANY}
        assert answer.json["due"] is not None
        assert client.get(f"/jobs/{made.id}").json == answer.json
        assert acts("job_retried") == [(admin.id, f"job:{made.id}")]

    @pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
    def test_of_another_is_refused(self, client, db, acts, make, state):
        made = make(state=state, due=CREATED)
        refused = "The job isn't dead: only a dead job can be tried again."
        assert client.post(f"/jobs/{made.id}/retry").json == problem(409, refused)
        db.refresh(made)
        assert (made.state, acts("job_retried")) == (state, [])


class TestDelete:
    @pytest.mark.parametrize("state", [JobState.DEAD, JobState.QUEUED])
    def test_removes_a_job_that_does_not_run(
        self, client, admin, db, acts, make, state
    ):
        path = f"/jobs/{make(state=state).id}"
        assert client.delete(path).status_int == 204
        assert client.get(path).status_int == 404
        assert db.scalars(select(QueuedJob.id)).all() == []
        target = path.replace("/jobs/", "job:")
        assert acts("job_deleted") == [(admin.id, target)]

    def test_of_one_that_runs_is_refused(self, client, acts, make):
        path = f"/jobs/{make(state=JobState.RUNNING, due=CREATED).id}"
        refused = problem(409, "The job is running: it can't be deleted.")
        assert client.delete(path).json == refused
        assert client.get(path).json["state"] == "running"
        assert acts("job_deleted") == []
