"""What answers the requests, and the server's part: calling it."""

from typing import Any

from bare import make_limit
from database import INI
from pyramid.paster import get_appsettings
from workloads import Workload

import apiserver


def make_server(url: str) -> Any:
    settings = {**get_appsettings(str(INI)), "sqlalchemy.url": url}
    return apiserver.main({"__file__": str(INI)}, **settings)


MAKERS = {"limit": make_limit, "apiserver": make_server}


class UnexpectedStatus(Exception):
    """The answer is not the one that is to be measured."""

    def __init__(self, workload: Workload, status: str, body: bytes) -> None:
        super().__init__(f"{workload.title}: {status}\n{body.decode()}")
        self.status = int(status[:3])


def call(application: Any, workload: Workload) -> bytes:
    """Send the request as a server would, check the status, return the body."""
    statuses: list[str] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
        statuses.append(status)

    environ = workload.environ()
    answer = application(environ, start_response)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    if not statuses[0].startswith(str(workload.status)):
        raise UnexpectedStatus(workload, statuses[0], body)
    return body


def close(application: Any) -> None:
    """Close the connections of the application, so that its database can go."""
    registry = application.registry
    for sessions in (registry.write_sessions, registry.read_sessions):
        sessions.kw["bind"].dispose()
