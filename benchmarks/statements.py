"""Counts SQL: what a request of each workload sends to the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from application import UnexpectedStatus, call, make_server
from sqlalchemy import event
from workloads import Workload


def statements_per_request(
    url: str, workloads: Sequence[Workload]
) -> dict[str, list[str]]:
    """Return the statements of a request of each workload.

    Left out is a workload whose path is not there (404).
    """
    application = make_server(url)
    registry = application.registry
    engines = [s.kw["bind"] for s in (registry.write_sessions, registry.read_sessions)]
    counted = {}
    for workload in workloads:
        with recorded(engines) as statements:
            try:
                call(application, workload)
            except UnexpectedStatus as error:
                if error.status != 404:
                    raise
                continue
        counted[workload.name] = statements
    for engine in engines:
        engine.dispose()
    return counted


@contextmanager
def recorded(engines: Sequence[Any]) -> Iterator[list[str]]:
    """Give the list of the statements that are executed in the block.

    Those that begin and end transactions are not among them.
    """
    statements: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", listen)
