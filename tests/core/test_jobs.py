"""Jobs: put in a transaction, done once in another one, tried again, given up."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pyramid.exceptions import ConfigurationConflictError, ConfigurationError
from sqlalchemy import select

from apiserver.core.audit import AuditEvent, record_command
from apiserver.core.db import Session
from apiserver.core.http import Conflict
from apiserver.core.jobs import Worker, job, put, work_off
from apiserver.core.jobs.models import JobSchedule, QueuedJob, State
from apiserver.core.jobs.taking import delay_after
from apiserver.core.schemas import Object, Opaque
from tests.core.errands import (
    errands,
    fail,
    make_due,
    nothing,
    put_now,
    refuse,
    stored,
    work,
    write_note,
    write_other,
)
from tests.core.notes import METADATA, NOTE, NoteClient, words
from tests.core.tables import empty

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def errand_database(make_stored_app):
    return make_stored_app(errands, tables=METADATA.sorted_tables)


@pytest.fixture
def app(errand_database):
    """The application of the jobs, on a database of its own without any."""
    empty(errand_database, NOTE, QueuedJob, JobSchedule, AuditEvent)
    errand_database.registry.errand = nothing
    return errand_database


@pytest.fixture
def call(app):
    """A function that sends a request, and says what is done in it."""

    def send(act):
        app.registry.act = act
        return NoteClient(app).call("POST", "/api/v1/notes/")

    return send


class TestPut:
    def test_is_part_of_the_request(self, app, call):
        at = datetime(2026, 3, 1, 12, tzinfo=UTC)
        response = call(
            lambda request: put(request.db, write_note, {"word": "x", "at": at}) and {}
        )
        assert response.status_int == 200
        payload = '{"word":"x","at":"2026-03-01T12:00:00+00:00"}'
        columns = (QueuedJob.name, QueuedJob.payload, QueuedJob.state)
        assert stored(app, *columns, QueuedJob.request_id) == [
            ("write_note", payload, State.QUEUED, response.headers["X-Request-Id"])
        ]
        assert words(app) == []
        assert work_off(app.registry) == ["done"]
        assert (stored(app), words(app)) == ([], ["x"])

    def test_is_undone_with_it(self, app, call):
        def act(request):
            put(request.db, write_note, {"word": "x"})
            raise Conflict("No.")

        assert call(act).status_int == 409
        assert stored(app) == []

    @pytest.mark.parametrize(
        ("values", "wrong"),
        [
            ({}, "is not valid: word: Is required."),
            ({"word": ""}, "is not valid: word: Must be at least 1 character long."),
            ({"word": "x", "other": 1}, "is not valid: other: Unknown field."),
            ({"word": "x" * 20_000}, "longer than 16384 bytes"),
        ],
    )
    def test_refuses_what_the_schema_does(self, app, values, wrong):
        with (
            Session(app.registry.engine) as db,
            pytest.raises(ValueError, match=wrong),
        ):
            put(db, write_note, values)

    def test_refuses_a_job_that_no_worker_knows(self, app, call, caplog):
        response = call(lambda request: put(request.db, write_other, {"word": "x"}))
        assert (response.status_int, stored(app)) == (500, [])
        assert "No worker knows the job write_other" in caplog.text

    def test_is_for_later(self, app):
        put_now(app, "later", after=HOUR)
        put_now(app, "at", at=datetime(2126, 1, 1, tzinfo=UTC))
        put_now(app, "now")
        assert work_off(app.registry) == ["done"]
        assert words(app) == ["now"]
        (later, at) = stored(app, QueuedJob.created, QueuedJob.due)
        assert later.due - later.created == HOUR
        assert at.due == datetime(2126, 1, 1, tzinfo=UTC)


class TestDeclaration:
    def test_has_no_secrets(self):
        class Secret(Object):
            password = Opaque(1, 20, secret=True)

        with pytest.raises(TypeError, match="must not hold the secret password"):
            job(takes=Secret)(nothing)

    def test_has_a_name_of_its_own_that_can_be_stored(self, make_core_app):
        for name, features, error, sentence in (
            ("x" * 81, (), ConfigurationError, f"job {'x' * 81} is too long"),
            ("write_note", (errands,), ConfigurationConflictError, "write_note"),
        ):
            other = job(name=name)(nothing)
            with pytest.raises(error, match=sentence):
                make_core_app(*features, lambda config, job=other: config.add_job(job))

    def test_of_a_broker_needs_dramatiq(self, make_core_app, monkeypatch):
        monkeypatch.setattr("apiserver.core.jobs.declared.find_spec", lambda name: None)
        with pytest.raises(ConfigurationError, match=r"apiserver\[dramatiq\]"):
            make_core_app(**{"apiserver.jobs_broker": "redis://127.0.0.1/"})


class TestAttempt:
    def test_that_fails_undoes_all_and_waits(self, app):
        assert work(app, fail, "x") == ["failed"]
        assert words(app) == []
        columns = (QueuedJob.state, QueuedJob.attempts, QueuedJob.error)
        (row,) = stored(app, *columns, QueuedJob.started, QueuedJob.due)
        assert row[:2] == (State.QUEUED, 1)
        assert row.error.startswith("KeyError in fail, line ")
        wait = row.due - row.started
        assert timedelta(seconds=10) <= wait < timedelta(seconds=15)
        make_due(app)
        assert work(app) == ["done"]
        assert (stored(app), words(app)) == ([], ["x"])

    def test_is_the_last_after_so_many(self, app):
        outcomes = work(app, fail, "x")
        for _ in range(3):
            make_due(app)
            outcomes += work(app, fail)
        assert outcomes == ["failed", "failed", "dead"]
        columns = (QueuedJob.state, QueuedJob.attempts, QueuedJob.due)
        assert stored(app, *columns) == [(State.DEAD, 3, None)]

    def test_is_the_last_where_another_would_help_nobody(self, app):
        assert work(app, refuse, "x") == ["dead"]
        found = stored(app, QueuedJob.attempts, QueuedJob.error)
        assert found == [(1, "There is no such project.")]

    def test_keeps_what_an_error_of_the_api_says(self, app):
        def conflict(run):
            raise Conflict("The note is taken.")

        assert work(app, conflict, "x") == ["failed"]
        assert stored(app, QueuedJob.error) == [("Conflict: The note is taken.",)]

    def test_ends_at_its_limit(self, app, monkeypatch):
        monkeypatch.setattr(write_note, "limit", 0.2)
        begun = time.monotonic()
        assert work(app, lambda run: time.sleep(20), "x") == ["failed"]
        assert time.monotonic() < begun + 15
        assert stored(app, QueuedJob.error) == [("It took longer than 0.2 seconds.",)]
        assert words(app) == []

    def test_commits_what_it_says_before_its_end(self, app):
        seen = []

        def act(run):
            run.commit_so_far()
            seen.append(words(app))
            raise KeyError

        assert work(app, act, "x") == ["failed"]
        assert (seen, words(app)) == ([["x"]], ["x"])

    def test_waits_twice_as_long_each_time(self):
        delays = [delay_after(attempts) for attempts in (1, 2, 3, 9, 10, 10_000)]
        assert delays == [10, 20, 40, 2560, 3600, 3600]

    def test_has_events_of_the_request_that_put_it(self, app, call):
        app.registry.errand = lambda run: record_command(
            run.db, "errand_done", target=f"errand:{run.attempt}"
        )
        response = call(
            lambda request: put(request.db, write_note, {"word": "x"}) and {}
        )
        work_off(app.registry)
        columns = (AuditEvent.action, AuditEvent.target, AuditEvent.address)
        with app.registry.read_sessions() as db:
            events = db.rows(select(*columns, AuditEvent.request_id))
        request_id = response.headers["X-Request-Id"]
        assert sorted(events) == [
            ("errand_done", "errand:1", "job:write_note", request_id),
            ("note_of_a_test_created", "note_of_a_test", "job:write_note", request_id),
        ]

    def test_puts_further_jobs_with_its_own_end(self, app):
        def put_another(run):
            put(run.db, write_note, {"word": "y"})
            raise KeyError

        assert work(app, put_another, "x") == ["failed"]
        assert len(stored(app)) == 1


class TestWorkers:
    def test_leave_a_job_to_those_that_know_it(self, app):
        put_now(app, "x")
        with Session(app.registry.engine) as db, db.begin():
            put(db, write_other, {"word": "y"})
        assert work_off(app.registry) == ["done"]
        columns = (QueuedJob.name, QueuedJob.state, QueuedJob.attempts)
        assert stored(app, *columns) == [("write_other", State.QUEUED, 0)]

    def test_never_run_a_job_at_once(self, app):
        """Four of them, which take from the same table."""
        expected = [str(number) for number in range(40)]
        put_now(app, *expected)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(work_off, [app.registry] * 4))
        assert stored(app) == []
        assert sorted(words(app), key=int) == expected

    def test_complete_no_job_that_another_has_taken_meanwhile(self, app):
        """As after a pause longer than the lease."""
        outcomes = []

        def pause(run):
            run.db.rollback()
            make_due(app)
            app.registry.errand = nothing
            outcomes.append(Worker(app.registry).step())
            run.db.execute(NOTE.insert().values(word="late"))

        assert work(app, pause, "x") == ["lost"]
        assert outcomes == ["done"]
        assert words(app) == ["x"]

    @pytest.mark.parametrize("late", ["commit_so_far", "end"])
    def test_write_nothing_more_for_a_job_of_another(self, app, late):
        def pause(run):
            run.db.rollback()
            make_due(app)
            assert Worker(app.registry).take() is not None
            run.db.execute(NOTE.insert().values(word="late"))
            if late == "commit_so_far":
                run.commit_so_far()

        app.registry.errand = pause
        put_now(app, "x")
        assert Worker(app.registry).step() == "lost"
        assert words(app) == []
        assert stored(app, QueuedJob.state, QueuedJob.attempts) == [(State.RUNNING, 2)]

    def test_keep_a_job_that_takes_longer_than_the_lease(self, app):
        """In the main thread of a worker, which a thread beside it keeps alive."""
        worker = Worker(app.registry, lease=0.6)
        taken = []

        def act(run):
            run.commit_so_far()
            time.sleep(2)
            taken.append(Worker(app.registry).take())
            worker.stop()

        app.registry.errand = act
        put_now(app, "x")
        worker.work()
        assert (taken, stored(app), words(app)) == ([None], [], ["x"])

    def test_bury_a_job_that_ends_them(self, app):
        """It was taken as often as it may be, and never completed."""
        put_now(app, "x")
        for _ in range(3):
            assert Worker(app.registry).take() is not None
            make_due(app)
        assert work_off(app.registry) == ["dead"]
        assert stored(app, QueuedJob.error) == [
            ("The worker ended during the last attempt.",)
        ]
