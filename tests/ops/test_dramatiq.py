"""Jobs that go through the table to a broker, and are run by workers of Dramatiq."""

import logging
import signal
from datetime import timedelta

import pytest
from pyramid.exceptions import ConfigurationError
from sqlalchemy import select

from apiserver.core.audit import AuditEvent
from apiserver.core.db import Session, make_engines, now
from apiserver.core.jobs import Worker, put
from apiserver.core.jobs.models import QueuedJob, State
from apiserver.core.jobs.putting import INSERT
from apiserver.users.models import Throttle
from tests import rabbitmq
from tests.conftest import INI, ROOT
from tests.core.errand_worker import carry, make_registry, refuse
from tests.core.notes import METADATA, NOTE
from tests.served import Program, clean_environment
from tests.tools import need, needs

HOUR = timedelta(hours=1)
pytestmark = [pytest.mark.slow, needs("Dramatiq")]


@pytest.fixture(scope="module", params=["Redis", "RabbitMQ"])
def broker(request, tmp_path_factory):
    """The URL of a broker."""
    if request.param == "Redis":
        yield request.getfixturevalue("redis_url")
        return
    need("RabbitMQ")
    with rabbitmq.running(tmp_path_factory.mktemp("rabbitmq")) as url:
        yield url


@pytest.fixture
def url(make_database):
    return make_database()


@pytest.fixture
def rows(url):
    """A function that reads columns, while others write."""
    writing, reading = make_engines(url)
    METADATA.create_all(writing)
    writing.dispose()

    def read(*columns):
        with reading.connect() as connection:
            return [tuple(row) for row in connection.execute(select(*columns))]

    yield read
    reading.dispose()


@pytest.fixture
def make_relay(url):
    """A function that makes a worker that sends jobs to a broker."""
    made = []

    def make(broker):
        made.append(Worker(make_registry(url, broker=broker)))
        return made[-1]

    yield make
    for worker in made:
        worker.relay.close()
        worker.registry.engine.dispose()


@pytest.fixture
def hire(url, broker, tmp_path):
    """A function that starts a worker of Dramatiq."""
    environment = clean_environment(
        DATABASE_URL=url, ERRAND_FILE=str(tmp_path / "lines"), ERRAND_BROKER=broker
    )
    module = "tests.core.errand_dramatiq"
    command = ["dramatiq", module, "--processes=1", "--threads=2"]
    return lambda: Program(command, tmp_path / "dramatiq.log", environment=environment)


def put_some(registry, *words, job=carry):
    with Session(registry.engine) as db, db.begin():
        for word in words:
            put(db, job, {"word": word, "milliseconds": 0})


class TestRelay:
    def test_sends_what_was_committed(self, broker, make_relay, rows, hire, tmp_path):
        relay = make_relay(broker)
        put_some(relay.registry, "x", "y")
        with Session(relay.registry.engine) as db:
            put(db, carry, {"word": "rolled back", "milliseconds": 0})
            db.rollback()
        outcomes = [relay.step() for _ in range(3)]
        assert outcomes == ["sent", "sent", None]
        assert rows(QueuedJob.id) == []
        with hire() as worker:
            worker.until(lambda: len(rows(NOTE.c.word)) == 2)
            put_some(relay.registry, "nothing", job=refuse)
            assert relay.step() == "sent"
            worker.until(lambda: "Aborting message" in worker.said())
            assert worker.end(signal.SIGTERM) == 0
        assert sorted(rows(NOTE.c.word)) == [("x",), ("y",)]
        assert len((tmp_path / "lines").read_text().splitlines()) == 2
        assert "There is no nothing." in worker.said()

    def test_sends_again_what_was_not_stored_as_sent(
        self, broker, make_relay, rows, hire
    ):
        """The relay ends after the broker's confirmation: at least once."""
        relay = make_relay(broker)
        put_some(relay.registry, "x")
        taken = relay.take()
        assert relay.attempt(relay.registry, taken._replace(attempts=0), 60) == "lost"
        assert rows(QueuedJob.state) == [(State.RUNNING,)]
        assert relay.attempt(relay.registry, taken, 60) == "sent"
        with hire() as worker:
            worker.until(lambda: len(rows(NOTE.c.word)) == 2)
            assert worker.end(signal.SIGTERM) == 0


class TestPrograms:
    def test_run_the_jobs_of_an_ini_file(self, url, redis_url, rows, tmp_path):
        """``apiserver worker`` sends the daily purge, and ``dramatiq`` runs it."""
        engine, _ = make_engines(url)
        purge = {"name": "purge_expired", "payload": "{}", "key": "k"}
        with Session(engine) as db, db.begin():
            db.add(Throttle(key="expired", tries=1, expires=now() - HOUR))
            db.run(INSERT, {**purge, "request_id": "r", "delay": 0.0})
        engine.dispose()
        environment = clean_environment(
            DATABASE_URL=url, APISERVER_JOBS_BROKER=redis_url, INI_FILE=str(INI)
        )
        about = {"folder": ROOT, "environment": environment}
        command = ["dramatiq", "apiserver.dramatiq_worker", "--processes=1"]
        with (
            Program(["apiserver", "worker", INI], tmp_path / "sends.log", **about),
            Program([*command, "--threads=2"], tmp_path / "runs.log", **about) as runs,
        ):
            runs.until(lambda: not rows(Throttle.key))
        event = (AuditEvent.action, AuditEvent.target, AuditEvent.address)
        assert rows(*event) == [("purged", "throttle rows=1", "job:purge_expired")]


class TestBroker:
    @pytest.mark.parametrize("scheme", ["redis", "amqp"])
    def test_that_is_down_costs_no_attempt(self, make_relay, rows, scheme, caplog):
        relay = make_relay(f"{scheme}://127.0.0.1:1/")
        put_some(relay.registry, "x")
        with caplog.at_level(logging.WARNING):
            assert relay.turn() is False
        assert "The broker can't be reached: " in caplog.text
        columns = (QueuedJob.state, QueuedJob.attempts, QueuedJob.error)
        assert rows(*columns) == [(State.QUEUED, 0, None)]

    def test_has_a_url(self, url):
        with pytest.raises(ConfigurationError, match="begins with amqp:// or redis://"):
            make_registry(url, broker="kafka://127.0.0.1/")
