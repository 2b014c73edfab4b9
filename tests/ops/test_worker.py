"""The program ``apiserver worker``, and the worker in a server of development."""

import signal
import sys
import time

import pytest
from sqlalchemy import insert, make_url, select

from apiserver.core.db import Base, Session, make_engines
from apiserver.core.jobs import put
from apiserver.core.jobs.clock import CLOCK
from apiserver.core.jobs.models import JobSchedule, JobTally, QueuedJob, State
from tests.conftest import INI, SERVER
from tests.core.errand_worker import carry
from tests.core.notes import METADATA, NOTE
from tests.served import (
    Program,
    clean_environment,
    development_ini,
    in_process,
    pserve,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def url(make_database):
    return make_database()


@pytest.fixture
def engine(url):
    engine, _ = make_engines(url)
    yield engine
    engine.dispose()


@pytest.fixture
def rows(url):
    """A function that reads columns, while others write."""
    _, engine = make_engines(url)

    def read(*columns):
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(select(*columns))]

    yield read
    engine.dispose()


@pytest.fixture
def hire(url, tmp_path):
    """A function that starts a worker of the test's job."""
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "tests.core.errand_worker", url, "60"]
    return lambda: Program([*command, tmp_path / "lines", "1"], log)


def put_jobs(engine, *words, milliseconds=0):
    with Session(engine) as db, db.begin():
        for word in words:
            put(db, carry, {"word": word, "milliseconds": milliseconds})


def put_purge(engine):
    """Put the job that each application has."""
    row = {"name": "purge_expired", "payload": "{}", "key": "k", "request_id": "r"}
    row |= {"state": State.QUEUED, "attempts": 0}
    with Session(engine) as db, db.begin():
        db.execute(insert(QueuedJob).values(**row, created=CLOCK, due=CLOCK))


class TestWorker:
    def test_finishes_its_job_before_it_ends(self, engine, rows, hire):
        METADATA.create_all(engine)
        put_jobs(engine, "x", "y", milliseconds=3000)
        with hire() as worker:
            running = (QueuedJob.id, QueuedJob.state)
            worker.until(lambda: (1, State.RUNNING) in rows(*running))
            assert worker.end(signal.SIGTERM) == 0
        assert rows(NOTE.c.word) == [("x",)]
        assert rows(*running) == [(2, State.QUEUED)]
        assert rows(JobTally.name, JobTally.outcome, JobTally.attempts) == [
            ("carry", "done", 1)
        ]

    def test_ends_at_once_without_a_job(self, hire):
        with hire() as worker:
            worker.until(lambda: "runs these jobs: carry, refuse" in worker.said())
            assert worker.end(signal.SIGTERM) == 0

    def test_waits_for_the_migration(self, engine, rows, url, tmp_path):
        tables = [model.__table__ for model in (QueuedJob, JobSchedule, JobTally)]
        Base.metadata.drop_all(engine, tables)
        with Program(
            ["apiserver", "worker", "-i", INI],
            tmp_path / "worker.log",
            environment=clean_environment(DATABASE_URL=url),
        ) as worker:
            worker.until(lambda: "not migrated" in worker.said())
            Base.metadata.create_all(engine, tables)
            put_purge(engine)
            worker.until(lambda: not rows(QueuedJob.id))
            assert worker.end(signal.SIGTERM) == 0
        assert "Traceback" not in worker.said()

    def test_waits_for_a_database_that_is_down(self, tmp_path):
        url = "postgresql://nobody@127.0.0.1:1/nothing"
        with Program(
            ["apiserver", "worker", "-i", INI],
            tmp_path / "worker.log",
            environment=clean_environment(DATABASE_URL=url),
        ) as worker:
            worker.until(lambda: "can't be reached" in worker.said())
            assert worker.end(signal.SIGTERM) == 0
        assert "Traceback" not in worker.said()

    def test_ends_with_a_sentence_without_a_database(self):
        status, _, error = in_process("apiserver", "worker", "-i", str(INI), url="")
        assert (status, error) == (
            1,
            "No database: set DATABASE_URL, or sqlalchemy.url.\n",
        )

    @pytest.mark.skipif(SERVER is None, reason="needs TEST_DATABASE_URL")
    def test_ends_with_a_sentence_where_there_is_no_such_database(self, url):
        none = make_url(url).set(database="none").render_as_string(False)
        done = in_process("apiserver", "worker", "-i", str(INI), url=none)
        assert done[0] == 1
        assert done[2].splitlines()[-1].startswith("The database can't be reached: ")

    def test_runs_jobs_once_a_writer_lets_it(self, engine, rows, hire):
        """Of SQLite, where one writes at a time."""
        METADATA.create_all(engine)
        with hire() as worker:
            with engine.begin() as connection:
                connection.execute(NOTE.insert().values(word="held"))
                time.sleep(2)
            put_jobs(engine, "x")
            worker.until(lambda: ("x",) in rows(NOTE.c.word))
            assert worker.end(signal.SIGTERM) == 0


class TestServer:
    def test_of_development_runs_jobs(self, engine, rows, url, tmp_path):
        put_purge(engine)
        ini = development_ini(tmp_path)
        assert "\nworker = true\n" in ini.read_text()
        environment = clean_environment(
            DATABASE_URL=url, APISERVER_PREPARE_DATABASE="false"
        )
        with pserve(ini, environment) as server:
            server.until(lambda: not rows(QueuedJob.id))
            server.url()
            assert server.end(signal.SIGTERM) == 0
