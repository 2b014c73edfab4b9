"""Where a secret could leak to: rows, and spans."""

import logging

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import inspect, text

# What development keeps of mails, since nothing sends them.
SHOWN = "shown_mail"


@pytest.fixture
def traced(make_app, database_url, monkeypatch):
    """An application that logs and traces all that it can."""
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    app = make_app(database_url, tracing="true", access_log="true")
    yield app
    app.registry.tracer_provider.shutdown()


@pytest.fixture
def spans(traced):
    """A function that returns what the spans hold."""
    exporter = InMemorySpanExporter()
    traced.registry.tracer_provider.add_span_processor(SimpleSpanProcessor(exporter))
    return lambda: [span.to_json() for span in exporter.get_finished_spans()]


@pytest.fixture
def told(caplog, spans):
    """A function that returns all that was logged and traced."""
    # The log of development has the links, since nothing sends the mails.
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="apiserver.mail.shown")
    return lambda: [
        *spans(),
        *caplog.messages,
        *(str(vars(record)) for record in caplog.records),
    ]


def stored(connection):
    """Return all that is in the rows, as text."""
    names = {*inspect(connection).get_table_names()} - {SHOWN}
    return "\n".join(
        f"{name}: {tuple(row)}"
        for name in sorted(names)
        for row in connection.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608 (names of tables)
    )
