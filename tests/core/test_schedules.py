"""Schedules: when they are due, and that each occurrence is put once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from cronsim import CronSimError
from sqlalchemy import select, update

from apiserver.core.db import Session
from apiserver.core.jobs import Worker, cron, every, job, ticking, work_off
from apiserver.core.jobs.models import JobSchedule, QueuedJob
from tests.core.errands import stored
from tests.core.tables import empty

DAY = timedelta(days=1)


@job(schedule=every(days=1))
def sweep(run):
    """Is due once a day."""


@job(schedule=every(hours=1), name="sweep")
def sweep_hourly(run):
    """The same in a newer version."""


@pytest.fixture(scope="module")
def make_swept(make_core_app, make_database):
    """A function that makes an application that has the job, and no other schedule."""
    url = make_database()

    def make(declared):
        def feature(config):
            config.add_job(declared)

        app = make_core_app(feature, **{"sqlalchemy.url": url})
        del app.registry.jobs["purge_expired"]
        return app

    return make


@pytest.fixture(scope="module")
def swept(make_swept):
    return make_swept(sweep)


@pytest.fixture
def app(swept):
    empty(swept, QueuedJob, JobSchedule)
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
        moments = [datetime(2026, 3, 1, 12, 7, 30, 5, UTC)]
        for minutes in (15, 30):
            moments.append(every(minutes=15).next(moments[-1]))
            assert moments[-1] == datetime(2026, 3, 1, 12, minutes, tzinfo=UTC)

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
        start = datetime(2026, 3, 28, tzinfo=UTC)
        found = self.times(cron("30 2 * * *"), start)
        assert found == ["28 02:30", "29 02:30", "30 02:30"]

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            # 02:30 is skipped on the 29th, and made up for at 03:00.
            ((3, 28), ["28 01:30", "29 01:00", "30 00:30"]),
            # It comes twice on the 25th.
            ((10, 24), ["24 00:30", "25 00:30", "26 01:30"]),
        ],
    )
    def test_runs_once_in_nights_that_are_shorter_or_longer(self, day, expected):
        nightly = cron("30 2 * * *", zone="Europe/Vienna")
        assert self.times(nightly, datetime(2026, *day, tzinfo=UTC)) == expected
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
        start = Barrier(4)

        def tick(number):
            start.wait()
            return ticking.tick(app.registry)

        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(tick, range(4))) == [0, 0, 0, 1]
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
