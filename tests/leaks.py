"""Where a secret could leak to: rows, and spans."""

import logging

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import inspect, text

from apiserver.auth.tokens import digest
from tests.auth.browser import Browser

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


@pytest.fixture
def leaks(traced, api, connection, told):
    """A function that uses a mailed link by page and endpoint, wrongly at first.

    It returns all in which the token shows that is in the mail: rows, logs, traces and
    answers. ``forged`` is what the page's form takes for that of another browser.
    """

    def found(token, page, path, forged=None, **form):
        browser, client = Browser(lambda: api(app=traced)), api(app=traced)
        link, rows = f"{page}?token={token}", stored(connection)
        assert str(digest(token)) in rows
        answers = [
            browser.call("GET", f"{link}%00"),
            browser.call("PUT", link),
            browser.call("GET", f"{page}s?token={token}"),
            client.post(f"{path}?token={token}", {"token": token, **form}),
            client.post(path, {"token": f"{token}x", **form}),
            client.post(path, {"token": token, **form, "more": token}),
        ]
        if forged:
            answers.append(browser.call("POST", page, {"token": token, **forged}))
        refusals = {400, 404, 405, 422}
        assert {answer.status_int for answer in answers} <= refusals
        assert browser.call("GET", link).headers["Referrer-Policy"] == "no-referrer"
        shown = browser.page
        if shown.status_int == 303:
            shown = browser.call("GET", page)
        assert shown.headers["Cache-Control"] == "no-store"
        answers.append(browser.submit(page, **form))
        assert answers[-1].status_int == 200
        answers.append(client.post(path, {"token": token, **form}))
        assert answers[-1].status_int == 422
        said = told()
        assert any(page in each for each in said)
        texts = [answer.text for answer in answers]
        every = [*texts, *said, rows, stored(connection)]
        return [each for each in every if token in each]

    return found
