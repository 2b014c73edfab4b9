"""Traces by OpenTelemetry: what is in them, and what must not be."""

import logging
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pyramid.exceptions import ConfigurationError
from sqlalchemy.orm import Session

from tests import factories
from tests.client import Client
from tests.conftest import SERVER
from tests.networks import from_address

SCOPES = ("teams:read", "teams:write", "users:read")
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@contextmanager
def tracing(make_pure_app, make_database, exporter="none", **settings):
    """Make an application that traces, on a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_TRACES_EXPORTER", exporter)
        app = make_pure_app(make_database(), tracing="true", **settings)
    yield app
    app.registry.tracer_provider.shutdown()


@pytest.fixture(scope="module")
def app(make_pure_app, make_database):
    settings = {"access_log": "true", "trusted_proxies": "192.0.2.1"}
    with tracing(make_pure_app, make_database, **settings) as app:
        yield app


@pytest.fixture(scope="module")
def exporter(app):
    exporter = InMemorySpanExporter()
    app.registry.tracer_provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


@pytest.fixture
def spans(exporter):
    """A function that returns the spans that have ended since it was called last."""

    def take():
        taken = exporter.get_finished_spans()
        exporter.clear()
        return taken

    return take


@pytest.fixture(scope="module")
def token(app):
    with Session(app.registry.engine) as db:
        token = factories.make_token(db, factories.make_user(db), scopes=SCOPES)
        db.commit()
    return token


@pytest.fixture
def caller(app, token, spans):
    spans()
    return Client(app, token)


class TestRequest:
    def test_is_a_span_with_its_statements_in_it(self, caller, spans):
        response = caller.post("/teams/?&", {"title": "Engineers"})
        assert response.status_int == 201
        *statements, request = spans()
        assert request.name == "POST /api/v1/teams/"
        assert request.kind.name == "SERVER"
        assert request.parent is None
        assert dict(request.attributes) == {
            "http.request.method": "POST",
            "http.route": "/api/v1/teams/",
            "http.response.status_code": 201,
            "apiserver.request_id": response.headers["X-Request-Id"],
        }
        assert request.status.status_code.name == "UNSET"
        operations = Counter(span.name for span in statements)
        assert {"SELECT", "INSERT"} <= set(operations)
        for span in statements:
            assert span.kind.name == "CLIENT"
            assert span.parent.span_id == request.context.span_id
            assert set(span.attributes) == {"db.system.name", "db.query.text"}

    def test_is_named_by_its_route(self, caller, spans):
        team = caller.post("/teams/", {"title": "Engineers"}).json["id"]
        spans()
        caller.get(f"/teams/{team}")
        assert spans()[-1].name == "GET /api/v1/teams/{team_id}"
        caller.call("GET", "/nowhere")
        assert spans()[-1].name == "GET"


class TestSecrets:
    def test_are_in_no_span(self, app, token, spans):
        form = {
            "grant_type": "password",
            "username": "somebody",
            "password": "hush hush hush",
            "client_id": "phone",
            "client_secret": "whisper",
        }
        caller = Client(app, token)
        caller.call("POST", "/auth/oauth2/token", form=form)
        caller.get("/teams/?access_token=mumble")
        caller.get("/users/me")
        told = "".join(span.to_json() for span in spans())
        for secret in (token, token[:20], "hush", "whisper", "mumble", "somebody"):
            assert secret not in told


class TestStatement:
    @pytest.mark.skipif(SERVER is not None, reason="is about SQLite")
    def test_that_fails_is_marked(self, caller, app, spans):
        engine = app.registry.engine
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE team RENAME TO lost")
        spans()
        assert caller.get("/teams/").status_int == 503
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE lost RENAME TO team")
        failed = [s for s in spans() if s.status.status_code.name == "ERROR"]
        assert [span.name for span in failed] == ["SELECT", "GET /api/v1/teams/"]
        assert failed[0].attributes["error.type"]


class TestTrace:
    def test_is_in_the_access_log(self, caller, spans, caplog):
        with caplog.at_level(logging.INFO, "apiserver.access"):
            caller.get("/teams/")
        (record,) = [r for r in caplog.records if r.name == "apiserver.access"]
        assert record.trace_id == f"{spans()[-1].context.trace_id:032x}"

    @pytest.mark.parametrize("address", ["192.0.2.1", "192.0.2.2"])
    def test_goes_on_where_a_trusted_proxy_has_begun_it(self, caller, spans, address):
        caller.app = from_address(caller.app, address)
        caller.get("/teams/", headers={"traceparent": PARENT})
        trace = f"{spans()[-1].context.trace_id:032x}"
        assert (trace == TRACE) == (address == "192.0.2.1")

    @pytest.mark.parametrize("junk", ["", "00", "x" * 10_000, f"ff-{TRACE}-0-01"])
    def test_begins_anew_where_the_header_is_junk(self, caller, spans, junk):
        caller.app = from_address(caller.app, "192.0.2.1")
        response = caller.get("/teams/", headers={"traceparent": junk})
        assert response.status_int == 200
        assert spans()[-1].parent is None


class TestSetting:
    def test_is_off(self, make_pure_app, make_database):
        registry = make_pure_app(make_database()).registry
        assert not hasattr(registry, "tracer_provider")

    def test_names_an_exporter_that_there_is(
        self, make_pure_app, database_url, monkeypatch
    ):
        monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
        sentence = "OTEL_TRACES_EXPORTER is zipkin: it must be otlp, console or none."
        with pytest.raises(ConfigurationError, match=sentence):
            make_pure_app(database_url, tracing="true")

    def test_needs_the_libraries(self, make_pure_app, database_url, monkeypatch):
        monkeypatch.setattr("apiserver.ops.tracing.find_spec", lambda name: None)
        with pytest.raises(ConfigurationError, match=r"apiserver\[opentelemetry\]"):
            make_pure_app(database_url, tracing="true")


class Collector(BaseHTTPRequestHandler):
    """Takes what an exporter sends."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.taken.append((self.path, self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def collector():
    """A server as an OpenTelemetry collector is one, which keeps what it gets."""
    server = HTTPServer(("127.0.0.1", 0), Collector)
    server.taken = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class TestExport:
    def test_goes_to_the_collector(
        self, make_pure_app, make_database, collector, monkeypatch
    ):
        url = f"http://127.0.0.1:{collector.server_port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "example")
        with tracing(make_pure_app, make_database, "otlp") as app:
            Client(app).get("/users/signup-form")
            assert app.registry.tracer_provider.force_flush()
        ((path, body),) = collector.taken
        assert path == "/v1/traces"
        for text in (b"GET /api/v1/users/signup-form", b"service.name", b"example"):
            assert text in body
