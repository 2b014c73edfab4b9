"""Callers of the recipes: the header ``X-Caller`` is the id of a user."""

from types import SimpleNamespace
from typing import Any

from apiserver.core.tree import Identity, SecurityPolicy, global_roles
from tests.client import Client

ADA, BOB = {"X-Caller": "1"}, {"X-Caller": "2"}


class AdasClient(Client):
    """Calls as Ada, unless the headers name another caller."""

    def call(self, method: str, path: str, *, headers: Any = None, **kw: Any) -> Any:
        return super().call(method, path, headers={**ADA, **(headers or {})}, **kw)


class CallerPolicy(SecurityPolicy):
    """Users who hold all scopes, and no role but that of every user."""

    def identity(self, request: Any) -> Identity | None:
        if "X-Caller" not in request.headers:
            return None
        return Identity(
            user=SimpleNamespace(id=int(request.headers["X-Caller"])),
            client_id="client",
            scopes=frozenset(request.registry.scopes),
            roles=global_roles(user=True, admin=False, internal=False),
            read_only=False,
        )
