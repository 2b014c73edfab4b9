"""The last check of each response: a header that can't be sent is a bug.

Some web servers reject such a header, others send it, with each line in it as a
separate header. Runs around all tweens, including those of features and libraries.
"""

import logging
from collections.abc import Callable
from wsgiref.types import WSGIEnvironment

from pyramid.config import Configurator
from pyramid.events import ApplicationCreated
from pyramid.router import Router

from apiserver.core.http.guard import add_headers
from apiserver.core.http.response import (
    MISTAKE,
    Response,
    is_sendable,
    problem,
    unsendable_header,
)

log = logging.getLogger(__name__)

# The headers that tweens have added.
COMMON = ("access-control-", "ratelimit-", "vary")

Policy = Callable[[WSGIEnvironment, Router], Response]


def checking(policy: Policy) -> Policy:
    """Wrap the execution policy, which turns a request into a response."""

    def execute(environ: WSGIEnvironment, router: Router) -> Response:
        response = policy(environ, router)
        name = unsendable_header(response)
        return response if name is None else mistake(response, name)

    return execute


def mistake(response: Response, name: str) -> Response:
    """Log which header can't be sent, and make a 500 instead."""
    request_id = str(dict(response.headerlist).get("X-Request-Id"))
    log.error("Request %s: %a can't be sent", request_id, name)
    common = [(n, v) for n, v in response.headerlist if n.lower().startswith(COMMON)]
    kept = [(n, v) for n, v in common if is_sendable(v)]
    failed = problem(500, MISTAKE, request_id=request_id, headers=kept)
    add_headers(failed, request_id)
    return failed


def wrap(event: ApplicationCreated) -> None:
    event.app.execution_policy = checking(event.app.execution_policy)


def includeme(config: Configurator) -> None:
    config.add_subscriber(wrap, ApplicationCreated)
