"""``/metrics``: what Prometheus reads, and who may."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from subprocess import PIPE
from types import SimpleNamespace

import pytest
from prometheus_client import values
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import INewRequest

from apiserver.core.jobs import Worker, put
from apiserver.core.jobs.taking import transaction
from apiserver.ops import metrics
from apiserver.users.hashing import HASHING
from tests.client import Client
from tests.networks import from_address
from tests.problems import problem

NEAR, FAR = "10.1.2.3", "192.0.2.1"


@pytest.fixture
def measured(api, make_pure_app, database_url):
    app = make_pure_app(database_url, metrics_allow="127.0.0.1 10.0.0.0/8")
    api(app=app)
    return app


@pytest.fixture
def read(measured):
    """A function that returns the lines of the metrics, read from an address near."""
    client = Client(from_address(measured, NEAR))
    return lambda: client.call("GET", "/metrics").text.splitlines()


class TestMetrics:
    def test_count_requests_by_route_and_status(self, measured, read):
        client = Client(measured)
        for path in ("/teams/7", "/teams/8"):
            assert client.get(path).status_int == 401
        client.call("TRACE", "/api/v1/teams/")
        series = "apiserver_request_duration_seconds_count"
        labels = 'method="GET",route="/api/v1/teams/{team_id}",status="401"'
        assert f"{series}{{{labels}}} 2.0" in read()
        others = [line for line in read() if 'method="other"' in line]
        assert [line for line in others if line.startswith(series)] != []
        assert "TRACE" not in str(read())

    def test_count_what_the_audit_log_records(self, measured, api, make_user, read):
        user = make_user()
        api(user, app=measured).post("/auth/oauth2_clients/", {})
        (line,) = [
            line
            for line in read()
            if line.startswith('apiserver_events_total{action="client_created"')
        ]
        assert line.endswith(" 1.0")

    def test_show_the_pools_and_who_waits_for_a_hash(self, read):
        names = {line.partition(" ")[0] for line in read()}
        assert {
            "apiserver_password_hashes_waiting",
            "apiserver_read_connections_in_use",
            "apiserver_write_connections_in_use",
        } <= names

    def test_show_the_jobs(self, measured, read):
        purge = measured.registry.jobs["purge_expired"]
        with transaction(measured.registry) as db:
            for hours in (0, 0, 1):
                put(db, purge, after=timedelta(hours=hours))
        series = 'apiserver_jobs{job="purge_expired",state="queued"}'
        assert f"{series} 3.0" in read()
        worker = Worker(measured.registry)
        assert worker.step() == "done"
        worker.tally.store(measured.registry)
        worker.step()
        worker.tally.store(measured.registry)
        lines = read()
        assert f"{series} 1.0" in lines
        labels = '{job="purge_expired",outcome="done"}'
        assert f"apiserver_job_duration_seconds_count{labels} 2.0" in lines
        assert "apiserver_jobs_oldest_seconds 0.0" in lines

    def test_show_the_others_without_a_database(self, make_pure_app, tmp_path, caplog):
        app = make_pure_app(f"sqlite:///{tmp_path}/empty.db", metrics_allow="127.0.0.1")
        answer = Client(from_address(app, "127.0.0.1")).call("GET", "/metrics")
        assert answer.status_int == 200
        assert "apiserver_write_connections_in_use" in answer.text
        assert "apiserver_jobs" not in answer.text
        assert "The metrics of jobs can't be read." in caplog.text

    def test_measure_how_long_requests_take(self, measured, read, monkeypatch):
        clock = SimpleNamespace(perf_counter=iter([10.0, 10.25]).__next__)
        with monkeypatch.context() as patch:
            patch.setattr(metrics, "time", clock)
            assert Client(measured).get("/teams/7").status_int == 401
        series = "apiserver_request_duration_seconds"
        labels = 'method="GET",route="/api/v1/teams/{team_id}",status="401"'
        lines = read()
        assert f"{series}_sum{{{labels}}} 0.25" in lines
        for bound, count in (("0.1", 0.0), ("0.25", 1.0)):
            bucket = f'{series}_bucket{{le="{bound}",{labels}}}'
            assert f"{bucket} {count}" in lines

    def test_are_not_there_for_others(self, measured):
        for address in (FAR, "", "unix"):
            client = Client(from_address(measured, address))
            response = client.call("GET", "/metrics")
            assert response.json == problem(404, "There is nothing at this URL.")

    def test_are_not_there_unless_somebody_may_read_them(self, api):
        assert api().call("GET", "/metrics").status_int == 404

    def test_need_addresses(self, make_pure_app, database_url):
        with pytest.raises(ConfigurationError, match=r"apiserver\.metrics_allow"):
            make_pure_app(database_url, metrics_allow="everybody")


def waiting(client):
    """Return how many wait for a password's hash, as the metrics say."""
    text = client.call("GET", "/metrics").text
    (line,) = re.findall(r"(?m)^apiserver_password_hashes_waiting .*", text)
    return line.rpartition(" ")[2]


class TestProcesses:
    """Several, which share a port and a folder."""

    @pytest.fixture
    def process(self, api, make_pure_app, database_url, tmp_path, monkeypatch):
        """A function that lets an application keep its numbers as in another process.

        The library looks at the environment when it is imported, and at the number of
        the process whenever it keeps something.
        """
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

        def make(number):
            kept = values.MultiProcessValue(lambda: number)
            monkeypatch.setattr(values, "ValueClass", kept)
            app = make_pure_app(database_url, metrics_allow=NEAR)
            api(app=app)
            return Client(from_address(app, NEAR))

        yield make
        values.close_all_multiprocess_files()

    def test_answer_for_all(self, process):
        one, other = process(os.getppid()), process(os.getpid())
        for client in (one, other, other):
            assert client.get("/teams/7").status_int == 401
        series = "apiserver_request_duration_seconds_count"
        labels = 'method="GET",route="/api/v1/teams/{team_id}",status="401"'
        for client in (one, other):
            lines = client.call("GET", "/metrics").text.splitlines()
            assert f"{series}{{{labels}}} 3.0" in lines

    def test_tell_what_is_in_use_in_all_while_it_is(self, process, monkeypatch):
        one, other = process(os.getppid()), process(os.getpid())
        told = []

        def during(event):
            told.append(waiting(other))
            monkeypatch.setattr(HASHING, "waiting", 0)

        monkeypatch.setattr(HASHING, "waiting", 3)
        one.app.registry.registerHandler(during, [INewRequest])
        one.get("/teams/7")
        # Both look at the gate of this one process.
        assert [*told, waiting(other)] == ["6.0", "0.0"]

    def test_forget_what_was_in_use_in_one_that_has_died(self, process, monkeypatch):
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=PIPE) as mortal:
            one, other = process(mortal.pid), process(os.getpid())
            monkeypatch.setattr(HASHING, "waiting", 3)
            waiting(one)
            before = waiting(other)
        assert (before, waiting(other)) == ("6.0", "3.0")
