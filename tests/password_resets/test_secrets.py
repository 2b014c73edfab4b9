"""The token of a link is where it has to be, and nowhere else."""

import logging

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import inspect, text

from apiserver.auth.tokens import digest
from apiserver.core.jobs import work_off
from tests.auth.browser import Browser
from tests.password_resets.test_pages import LOST, NEW, NEW_PASSWORD
from tests.password_resets.test_resets import CONFIRM

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


def stored(connection):
    """Return all that is in the rows, as text."""
    names = {*inspect(connection).get_table_names()} - {SHOWN}
    return "\n".join(
        f"{name}: {tuple(row)}"
        for name in sorted(names)
        for row in connection.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608 (names of tables)
    )


def test_token_is_in_the_mail_alone(
    traced, api, user, connection, mailed_token, spans, caplog
):
    # The log of development has the link, since nothing sends the mail.
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="apiserver.mail.shown")
    browser = Browser(lambda: api(app=traced))
    browser.call("GET", LOST)
    browser.submit(LOST, email=user.email)
    assert work_off(traced.registry) == ["done", "done"]
    token = mailed_token()
    rows = stored(connection)
    assert str(digest(token)) in rows
    page = browser.call("GET", f"{NEW_PASSWORD}?token={token}")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    refused = [
        browser.call("POST", NEW_PASSWORD, {"token": token, "csrf": "no"}),
        browser.call("GET", f"{NEW_PASSWORD}?token={token}%00"),
        browser.call("PUT", f"{NEW_PASSWORD}?token={token}"),
        browser.call("GET", f"/account/new-passwords?token={token}"),
        api(app=traced).post(CONFIRM, {"token": token, "password": "short"}),
        api(app=traced).post(f"{CONFIRM}?token={token}", {"token": token}),
    ]
    assert [page.status_int for page in refused] == [400, 400, 405, 404, 422, 422]
    assert [page for page in refused if token in page.text] == []
    browser.page = page
    assert token not in browser.submit(NEW_PASSWORD, password=NEW).text
    told = [*spans(), *caplog.messages, *(str(vars(r)) for r in caplog.records)]
    assert any(NEW_PASSWORD in each for each in told)
    assert [each for each in told if token in each] == []
    assert token not in rows + stored(connection)
