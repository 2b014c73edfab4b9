"""The last look at each response: a header that can't be sent is our mistake.

Some web servers refuse such a header, others send it, with each line in it as a header
of its own. Around all tweens, those of features and libraries, too.
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

# What tweens have said in headers of whatever was returned.
COMMON = ("access-control-", "ratelimit-", "vary")

Policy = Callable[[WSGIEnvironment, Router], Response]


def checking(policy: Policy) -> Policy:
    """Wrap the execution policy, which makes the response to a request."""

    def execute(environ: WSGIEnvironment, router: Router) -> Response:
        response = policy(environ, router)
        name = unsendable_header(response)
        return response if name is None else mistake(response, name)

    return execute


def mistake(response: Response, name: str) -> Response:
    """Log which header can't be sent, and make the response in its place."""
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
