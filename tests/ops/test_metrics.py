"""``/metrics``: what Prometheus reads, and who may."""

import pytest
from pyramid.exceptions import ConfigurationError

from tests.addresses import from_address
from tests.client import Client
from tests.problems import problem

NEAR, FAR = "10.1.2.3", "192.0.2.1"


@pytest.fixture
def measured(api, make_app, database_url):
    app = make_app(database_url, metrics_allow="127.0.0.1 10.0.0.0/8")
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

    @pytest.mark.parametrize("address", [FAR, "", "unix"])
    def test_are_not_there_for_others(self, measured, address):
        client = Client(from_address(measured, address))
        response = client.call("GET", "/metrics")
        assert response.json == problem(404, "There is nothing here.")

    def test_are_not_there_unless_somebody_may_read_them(self, api):
        assert api().call("GET", "/metrics").status_int == 404

    def test_need_addresses(self, make_app, database_url):
        with pytest.raises(ConfigurationError, match=r"apiserver\.metrics_allow"):
            make_app(database_url, metrics_allow="everybody")
