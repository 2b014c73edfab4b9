"""Jobs that an operator looks at, tries again and deletes."""

import pytest
from sqlalchemy import select, update

from apiserver.core.jobs import put
from apiserver.core.jobs.models import QueuedJob, State
from apiserver.core.jobs.taking import transaction
from tests.events import event, stored_events

INI = ("-i", "testing.ini")


@pytest.fixture
def ids(app, db):
    """Those of a job that is queued, one that runs and two that are dead."""
    declared = app.registry.jobs["purge_expired"]
    db.close()
    with transaction(app.registry) as own:
        for _ in range(4):
            put(own, declared)
    found = db.scalars(select(QueuedJob.id).order_by(QueuedJob.id)).all()
    dead = {"state": State.DEAD, "due": None, "attempts": 10, "error": "KeyError"}
    for job_id, values in zip(
        found[1:], ({"state": State.RUNNING, "attempts": 1}, dead, dead), strict=True
    ):
        db.execute(update(QueuedJob).where(QueuedJob.id == job_id).values(**values))
    db.commit()
    db.close()
    return found


@pytest.fixture
def states(db, ids):
    def read():
        jobs = select(QueuedJob.id, QueuedJob.state, QueuedJob.attempts)
        found = {
            ids.index(row.id): (row.state.value, row.attempts)
            for row in db.execute(jobs)
        }
        db.close()
        return found

    return read


BEFORE = {0: ("queued", 0), 1: ("running", 1), 2: ("dead", 10), 3: ("dead", 10)}


class TestList:
    def test_shows_each_job_but_no_payload(self, command, db, ids):
        due = db.scalars(select(QueuedJob.due).order_by(QueuedJob.id)).all()
        db.close()
        status, printed, error = command("list-jobs", *INI)
        first, second = (f"{each:%Y-%m-%d %H:%M:%S}" for each in due[:2])
        assert (status, error) == (0, "")
        assert printed.splitlines() == [
            f"{ids[0]} purge_expired queued, 0 attempts, due {first}",
            f"{ids[1]} purge_expired running, 1 attempts, due {second}",
            f"{ids[2]} purge_expired dead, 10 attempts: KeyError",
            f"{ids[3]} purge_expired dead, 10 attempts: KeyError",
        ]

    def test_shows_those_that_are_chosen(self, command, ids):
        _, printed, _ = command("list-jobs", *INI, "--state", "dead")
        assert [int(line.split()[0]) for line in printed.splitlines()] == ids[2:]
        _, printed, _ = command("list-jobs", *INI, "--job", "other")
        assert printed == "There are no such jobs.\n"

    def test_says_how_many_more_there_are(self, command, ids, monkeypatch):
        monkeypatch.setattr("apiserver.commands.jobs.MOST", 3)
        _, printed, _ = command("list-jobs", *INI)
        assert len(ids) == 4
        assert printed.splitlines()[3:] == ["and 1 more"]

    def test_leaves_the_traceback_to_a_mistake(self, command, monkeypatch):
        monkeypatch.setattr("apiserver.commands.jobs.find_jobs", None)
        with pytest.raises(TypeError):
            command("list-jobs", *INI)


class TestRetry:
    def test_queues_the_dead_ones(self, command, db, states):
        assert command("retry-jobs", *INI) == (0, "Queued again: 2\n", "")
        assert states() == {
            **BEFORE,
            2: ("queued", 0),
            3: ("queued", 0),
        }
        target = {"target": "job rows=2"}
        assert stored_events(db) == [event("jobs_retried", "success", **target)]

    def test_queues_the_one_that_is_chosen(self, command, ids, states):
        done = command("retry-jobs", *INI, "--id", str(ids[3]))
        assert done == (0, "Queued again: 1\n", "")
        assert states() == {**BEFORE, 3: ("queued", 0)}

    def test_leaves_others_alone(self, command, ids, states):
        done = command("retry-jobs", *INI, "--id", str(ids[0]))
        assert done == (0, "Queued again: 0\n", "")
        assert states() == BEFORE


class TestDelete:
    def test_deletes_the_dead_ones(self, command, states):
        assert command("delete-jobs", *INI) == (0, "Deleted: 2\n", "")
        assert set(states()) == {0, 1}

    def test_deletes_queued_ones_that_are_named(self, command, ids, states):
        done = command("delete-jobs", *INI, "--state", "queued")
        assert done == (0, "Deleted: 1\n", "")
        assert set(states()) == {1, 2, 3}

    def test_deletes_none_that_runs(self, command, states):
        status, _, error = command("delete-jobs", *INI, "--state", "running")
        assert (status, states()) == (1, BEFORE)
        assert error == "--state running: Must be one of dead, queued.\n"
