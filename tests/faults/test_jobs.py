"""Workers that are killed: each job is done, and what it has written is there once."""

import os
import random
import re
import signal
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from apiserver.core.db import Session, make_engines
from apiserver.core.jobs import put
from apiserver.core.jobs.models import QueuedJob
from apiserver.prepare import migrate
from tests.conftest import INI
from tests.core.errand_worker import carry
from tests.core.notes import METADATA, NOTE
from tests.served import Program

WORKERS = 3
# Seconds until the job of a killed worker is taken by another.
LEASE = 2
JOBS = 40
LONGEST = 40


@pytest.fixture(params=["postgresql", "sqlite"])
def url(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("server").url
    return f"sqlite:///{tmp_path}/killed.db"


@pytest.fixture
def engine(url):
    engine, _ = make_engines(url)
    with engine.connect() as connection:
        migrate(INI, connection)
    METADATA.drop_all(engine)
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def left(url):
    """A function that returns how many jobs there are, while others write."""
    _, reading = make_engines(url)

    def count():
        with reading.connect() as connection:
            return connection.scalar(select(func.count()).select_from(QueuedJob))

    yield count
    reading.dispose()


@pytest.fixture
def workers(engine, url, tmp_path):
    """A program that has some workers, and replaces those that are killed."""
    module = "tests.core.errand_worker"
    about = [url, str(LEASE), tmp_path / "lines", str(WORKERS)]
    command = [sys.executable, "-m", module, *about]
    with Program(command, tmp_path / "workers.log") as program:
        program.until(lambda: program.said().count("runs these jobs") >= WORKERS)
        yield program


class TestKilledWorker:
    """kill -9 while it runs a job."""

    def test_has_lost_no_job_and_written_nothing_twice(
        self, engine, workers, left, tmp_path, pytestconfig, record_property
    ):
        rounds = pytestconfig.getoption("--rounds", default=3)
        killed = []
        for number in range(rounds):
            put_jobs(engine, number)
            workers.until(lambda: left() < JOBS)
            time.sleep(random.uniform(0, 0.1))
            kill_one(workers, killed)
        workers.until(lambda: not left())
        expected = {f"{n} {m}" for n in range(rounds) for m in range(JOBS)}
        with Session(engine) as db:
            assert Counter(db.scalars(select(NOTE.c.word))) == Counter(expected)
        lines = Counter((tmp_path / "lines").read_text().splitlines())
        # What isn't in the database was done at least once, by one key.
        assert {line.rpartition(" ")[0] for line in lines} == expected
        assert len(lines) == len(expected)
        again = sum(lines.values()) - len(lines)
        done = f"{rounds} kills, {len(expected)} jobs, {again} begun again"
        record_property("figures", done)


def put_jobs(engine, number):
    """Put some jobs, and some that are rolled back."""
    with Session(engine) as db, db.begin():
        for each in range(JOBS):
            put_one(db, f"{number} {each}")
    with Session(engine) as db:
        put_one(db, "rolled back")
        db.rollback()


def put_one(db, word):
    put(db, carry, {"word": word, "milliseconds": random.randrange(LONGEST)})


def kill_one(workers, killed):
    hired = re.findall(r"worker (\d+)", workers.said())
    process = random.choice([each for each in hired if each not in killed])
    os.kill(int(process), signal.SIGKILL)
    killed.append(process)
