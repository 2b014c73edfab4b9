"""What a caller will be answered, predicted from an OpenAPI 3.1 document alone.

Nothing of the server is known here: no ACL, no permission, no role. A caller is known
by the roles and scopes that he holds, under the names that the document has for them.
"""

from typing import Any, NamedTuple


class Caller(NamedTuple):
    """Who calls, with which rights; the token of one who is ``dead`` is not valid."""

    signed_in: bool
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    read_only: bool = False
    dead: bool = False


class Predictions:
    """Predicts the statuses of an application's answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.paths = document["paths"]
        self.permissions = document["x-permissions"]
        self.roles = document["x-roles"]

    def methods(self, path: str) -> list[str]:
        """Return the methods of a path; HEAD goes with GET."""
        methods = [name.upper() for name in self.paths[path] if name != "parameters"]
        return [*methods, *(["HEAD"] if "GET" in methods else [])]

    def operation(self, path: str, method: str) -> Any:
        return self.paths[path][{"HEAD": "get"}.get(method, method.lower())]

    def local_roles(self, path: str) -> list[str]:
        """Return the roles that can be held at an object on the path."""
        return [
            name
            for name, role in self.roles.items()
            if any(is_on(place, path) for place in role.get("at", ()))
        ]

    def scopes(self, path: str) -> set[str]:
        """Return the scopes that some method of the path needs."""
        return {
            scope
            for method in self.methods(path)
            for requirement in self.operation(path, method)["security"]
            for scopes in requirement.values()
            for scope in scopes
        }

    def status(
        self,
        path: str,
        method: str,
        caller: Caller,
        *,
        exists: bool,
        free: bool = False,
    ) -> int:
        """Return the status of the answer to a request without any mistake.

        Where the object doesn't exist its place may be ``free``: PUT may make it.
        """
        if caller.dead:
            return 401
        operation = self.operation(path, method)
        if free and method == "OPTIONS" and "put" in self.paths[path]:
            put = self.status(path, "PUT", caller, exists=False, free=True)
            return {201: 204, 403: 404}.get(put, put)
        makes = free and "x-creates" in operation
        if not exists and not makes:
            return 404 if caller.signed_in else 401
        asked = {**operation, **operation["x-creates"]} if makes else operation
        if not self.permits(asked, caller):
            return 403 if caller.signed_in else 401
        # A part is only what `Range` asks for.
        successes = {s for s in operation["responses"] if s.startswith("2")} - {"206"}
        if "x-creates" in operation:
            successes = {"201"} if makes else successes - {"201"}
        (success,) = successes
        return int(success)

    def permits(self, operation: Any, caller: Caller) -> bool:
        """Whether the caller may, as far as the document says it of everyone."""
        permission = self.permissions.get(operation.get("x-permission"), {})
        if caller.read_only and permission.get("writes"):
            return False
        if caller.roles.isdisjoint(operation["x-roles"]):
            return False
        security = operation["security"]
        return not security or any(
            all(caller.scopes.issuperset(scopes) for scopes in requirement.values())
            for requirement in security
        )


def is_on(place: str, path: str) -> bool:
    """Whether a path leads through a place, or ends there."""
    segments = place.rstrip("/").split("/")
    return path.rstrip("/").split("/")[: len(segments)] == segments
