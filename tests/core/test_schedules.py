"""Schedules: when they are due, and that each occurrence is put once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from cronsim import CronSimError
from sqlalchemy import delete, select, update

from apiserver.core.db import Session
from apiserver.core.jobs import Worker, cron, every, job, ticking, work_off
from apiserver.core.jobs.models import JobSchedule, QueuedJob
from tests.core.errands import stored

DAY = timedelta(days=1)


@job(schedule=every(days=1))
def sweep(run):
    """Is due once a day."""


@job(schedule=every(hours=1), name="sweep")
def sweep_hourly(run):
    """The same in a newer version."""


@pytest.fixture(scope="module")
def url(make_database):
    return make_database()


@pytest.fixture(scope="module")
def make_swept(make_core_app, url):
    """A function that makes an application that has the job, and no other schedule."""

    def make(declared):
        app = make_core_app(
            lambda config: config.add_job(declared), **{"sqlalchemy.url": url}
        )
        del app.registry.jobs["purge_expired"]
        return app

    return make


@pytest.fixture(scope="module")
def swept(make_swept):
    return make_swept(sweep)


@pytest.fixture
def app(swept):
    with swept.registry.engine.begin() as connection:
        connection.execute(delete(QueuedJob))
        connection.execute(delete(JobSchedule))
    return swept


@pytest.fixture
def due(app):
    """Returns when the job is put next, by the database."""

    def read():
        with app.registry.read_sessions() as db:
            return db.scalar(select(JobSchedule.due))

    return read


def pass_time(app, by):
    """Let the time that the job waits for be so much ago."""
    with Session(app.registry.engine) as db, db.begin():
        moment = db.scalar(select(JobSchedule.due))
        db.execute(update(JobSchedule).values(due=moment - by))


class TestEvery:
    def test_is_at_whole_multiples(self):
        quarter = every(minutes=15)
        assert quarter.next(datetime(2026, 3, 1, 12, 7, 30, 5, UTC)) == datetime(
            2026, 3, 1, 12, 15, tzinfo=UTC
        )
        assert quarter.next(datetime(2026, 3, 1, 12, 15, tzinfo=UTC)) == datetime(
            2026, 3, 1, 12, 30, tzinfo=UTC
        )

    def test_is_at_least_a_second(self):
        with pytest.raises(ValueError, match="a second is the least"):
            every(seconds=0.5)


class TestCron:
    def times(self, schedule, start, number=3):
        found = [start]
        for _ in range(number):
            found.append(schedule.next(found[-1]))
        return [f"{each:%d %H:%M}" for each in found[1:]]

    def test_is_in_utc(self):
        nightly = cron("30 2 * * *")
        start = datetime(2026, 3, 28, tzinfo=UTC)
        assert self.times(nightly, start) == ["28 02:30", "29 02:30", "30 02:30"]

    @pytest.mark.parametrize(
        ("month", "expected"),
        [
            # 02:30 is skipped on the 29th, and made up for at 03:00.
            (3, ["28 01:30", "29 01:00", "30 00:30"]),
            # It comes twice on the 25th.
            (10, ["24 00:30", "25 00:30", "26 01:30"]),
        ],
    )
    def test_runs_once_in_nights_that_are_shorter_or_longer(self, month, expected):
        nightly = cron("30 2 * * *", zone="Europe/Vienna")
        day = 28 if month == 3 else 24
        start = datetime(2026, month, day, tzinfo=UTC)
        assert self.times(nightly, start) == expected

    def test_is_known_by_its_text(self):
        nightly = cron("30 2 * * *", zone="Europe/Vienna")
        assert str(nightly) == "cron 30 2 * * * Europe/Vienna"

    @pytest.mark.parametrize("expression", ["", "* * *", "61 * * * *", "0 0 30 2 *"])
    def test_refuses_what_means_nothing(self, expression):
        with pytest.raises(CronSimError):
            cron(expression)


class TestScheduledJob:
    def test_is_put_when_it_is_due(self, app, due):
        Worker(app.registry).turn()
        first = due()
        assert stored(app) == []
        assert first == sweep.schedule.next(first - DAY)
        pass_time(app, DAY)
        assert ticking.tick(app.registry) == 1
        assert stored(app) == [("sweep", "{}")]
        assert due() == first
        assert ticking.tick(app.registry) == 0
        assert work_off(app.registry) == ["done"]

    def test_is_made_up_for_once(self, app):
        """After a week without a worker."""
        ticking.settle(app.registry)
        pass_time(app, 7 * DAY)
        assert [ticking.tick(app.registry) for _ in range(3)] == [1, 0, 0]

    def test_is_put_by_one_of_many_workers(self, app):
        ticking.settle(app.registry)
        pass_time(app, DAY)
        start = threading.Barrier(4)
        numbers = []

        def tick():
            start.wait()
            numbers.append(ticking.tick(app.registry))

        threads = [threading.Thread(target=tick) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(numbers) == [0, 0, 0, 1]
        assert stored(app) == [("sweep", "{}")]

    def test_follows_a_schedule_that_has_changed(self, app, due, make_swept):
        ticking.settle(app.registry)
        before = due()
        newer = make_swept(sweep_hourly)
        ticking.settle(newer.registry)
        with app.registry.read_sessions() as db:
            rows = db.rows(select(JobSchedule.schedule, JobSchedule.due))
        assert [row.schedule for row in rows] == ["every 1:00:00"]
        assert rows[0].due <= before
