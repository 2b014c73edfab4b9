"""Calls that come from another address; an address that answers nobody."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any


def from_address(app: Any, address: str) -> Callable[..., Any]:
    """Return the application as it is called from the address."""

    @wraps(app)
    def call(environ: dict[str, Any], start_response: Any) -> Any:
        return app({**environ, "REMOTE_ADDR": address}, start_response)

    return call


@contextmanager
def hanging_up() -> Iterator[tuple[int, list[Any]]]:
    """Hang up on whoever calls; yield the port, and the list of those who called."""
    callers: list[Any] = []

    def answer() -> None:
        while True:
            try:
                connection, address = server.accept()
            except OSError:
                return
            callers.append(address)
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield server.getsockname()[1], callers
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
