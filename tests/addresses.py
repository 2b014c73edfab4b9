"""Calls that come from another address."""

from collections.abc import Callable
from functools import wraps
from typing import Any


def from_address(app: Any, address: str) -> Callable[..., Any]:
    """Return the application as it is called from the address."""

    @wraps(app)
    def call(environ: dict[str, Any], start_response: Any) -> Any:
        return app({**environ, "REMOTE_ADDR": address}, start_response)

    return call
