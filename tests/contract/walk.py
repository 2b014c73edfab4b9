"""Every endpoint, as every kind of caller, with what the document predicts of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from apiserver.core.endpoints.references import NO_OBJECT
from apiserver.core.http import MULTIPART
from tests import factories, settings
from tests.client import Client
from tests.contract.places import Place, make_place
from tests.contract.predictions import Caller, Predictions

EVERYONE = {"system.Everyone"}
SIGNED_IN = {*EVERYONE, "system.Authenticated"}
USER = {*SIGNED_IN, "role:user"}

# The kinds of callers, with the roles that each holds everywhere.
KINDS: dict[str, set[str]] = {
    "anonymous": EVERYONE,
    "inactive": EVERYONE,
    "client": SIGNED_IN,
    "read_only": USER,
    "regular": USER,
    "admin": {*USER, "role:admin"},
    "internal": {*USER, "role:internal"},
}

BOUNDED = f"{MULTIPART}; boundary=x"

# Keys that no object has, by their type.
MISSING = {"integer": 2**62, "string": "missing"}


class Visit(NamedTuple):
    """A request to be made: by whom, where, and what is predicted of it."""

    who: str
    client: Client
    caller: Caller
    path: str
    url: str
    place: Place
    exists: bool
    # The object is missing, and nothing else on its path.
    free: bool = False


class Walk:
    """Goes to one path of the document as one kind of caller, in all variants."""

    def __init__(self, app: Any, connection: Connection, db: Session, kind: str):
        self.app = app
        self.connection = connection
        self.db = db
        self.kind = kind
        self.document = document_of(app)
        self.predictions = Predictions(self.document)
        schemes = self.document["components"]["securitySchemes"].values()
        flows = (flow for scheme in schemes for flow in scheme["flows"].values())
        self.every_scope = frozenset(s for flow in flows for s in flow["scopes"])

    def visits(self, path: str) -> Iterator[Visit]:
        """Yield the variants: each role and each set of scopes; missing objects."""
        has_account = self.kind not in {"anonymous", "client"}
        has_roles = has_account and self.kind != "inactive"
        for role in self.roles_at(path) if has_roles else [None]:
            # For all tokens: nothing that is done there stays.
            user = self.make_user() if has_account else None
            place = make_place(self.db, path, user, role)
            for name, scopes in self.sets_of_scopes(path, role).items():
                client = self.sign_in(user, scopes)
                who = f"{self.kind}, {role or 'a stranger'}, {name}"
                caller = self.describe(place, scopes)
                url = path.format(**place.keys)
                yield Visit(who, client, caller, path, url, place, exists=True)
                if not self.matters_where_nothing_is(path, role, scopes):
                    continue
                for parameter in self.parameters(path):
                    missing = MISSING[parameter["schema"]["type"]]
                    url = path.format(**{**place.keys, parameter["name"]: missing})
                    free = path.endswith(f"{{{parameter['name']}}}")
                    yield Visit(who, client, caller, path, url, place, False, free)

    def roles_at(self, path: str) -> list[str | None]:
        """Return the roles at the objects on the path; None for a stranger."""
        return [None, *self.predictions.local_roles(path)]

    def is_thorough(self, role: str | None) -> bool:
        """Whether who has a role tries it with each token, and where nothing is.

        That both are asked for regular users show; others may by what they are.
        """
        return role is None or self.kind == "regular"

    def matters_where_nothing_is(
        self, path: str, role: str | None, scopes: frozenset[str]
    ) -> bool:
        """Whether a token goes to missing objects, too: of these, few scopes matter."""
        if "put" in self.document["paths"][path]:
            return True
        return self.is_thorough(role) and scopes in {frozenset(), self.every_scope}

    def make_user(self) -> Any:
        return factories.make_user(self.db, self.kind)

    def sign_in(self, user: Any, scopes: frozenset[str]) -> Client:
        if self.kind == "anonymous":
            return Client(self.app)
        client = None
        if user is None:
            client = factories.make_client(self.db, default_scopes=tuple(scopes))
        token = factories.make_token(self.db, user, client=client, scopes=scopes)
        return Client(self.app, token)

    def describe(self, place: Place, scopes: frozenset[str]) -> Caller:
        """Return what the predictions have to know of the caller."""
        return Caller(
            signed_in=self.kind not in {"anonymous", "inactive"},
            roles=place.roles | KINDS[self.kind],
            scopes=scopes,
            read_only=self.kind == "read_only",
            dead=self.kind == "inactive",
        )

    def sets_of_scopes(self, path: str, role: str | None) -> dict[str, frozenset[str]]:
        """Return tokens' scopes: all, none; each that matters, alone and left out."""
        every = self.every_scope
        if self.kind == "anonymous":
            return {"no token": frozenset()}
        if self.kind == "inactive":
            return {"a dead token": every}
        if not self.is_thorough(role):
            return {"all scopes": every}
        sets = {"all scopes": every, "no scope": frozenset()}
        if self.kind in {"read_only", "internal"}:
            # Which scope it is the others show.
            return sets
        for scope in sorted(self.predictions.scopes(path)):
            sets[f"{scope} alone"] = frozenset({scope})
            sets[f"all but {scope}"] = every - {scope}
        return sets

    def parameters(self, path: str) -> list[Any]:
        parameters: list[Any] = self.document["paths"][path].get("parameters", [])
        return parameters

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo what is done in the block, so that the next request finds the same."""
        savepoint = self.connection.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()

    def sees_too_little(self, visit: Visit, response: Any) -> bool:
        """Whether the body refers to what the scopes of the token don't show."""
        if response.status_int != 422 or visit.caller.scopes >= self.every_scope:
            return False
        return all(
            error["name"].split(".")[0] in visit.place.values
            and error["description"] == NO_OBJECT
            for error in response.json["errors"]
        )

    def send(self, visit: Visit, method: str, query: str = "", **kw: Any) -> Any:
        url = f"{visit.client.prefix}{visit.url}{query}"
        with self.undone():
            return visit.client.call(method, url, **kw)


@cache
def document_of(app: Any) -> Any:
    body, _ = app.registry.documents_at("")["openapi_json"].variants["identity"]
    return orjson.loads(body)


def paths() -> dict[str, Any]:
    """Return the paths of the project's document, with what is said of each."""
    found: dict[str, Any] = document_of(settings.project())["paths"]
    return found


def file_form(media_type: str) -> dict[str, Any]:
    """Return a form with a file."""
    head = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
    body = f"--x\r\n{head}\r\nContent-Type: {media_type}\r\n\r\na file\r\n--x--\r\n"
    return {"body": body.encode(), "content_type": BOUNDED}


def body_of(operation: Any, place: Place) -> dict[str, Any]:
    """Return the body that the document gives as an example, about this place."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return {}
    media_type, source = next(iter(content.items()))
    if takes_file(content):
        return file_form(media_type)
    return {"json": about(source["example"], place), "content_type": media_type}


def takes_file(content: Any) -> bool:
    """Whether a body is a file: a form says its name, too."""
    return any(each["schema"].get("format") == "binary" for each in content.values())


def query_of(operation: Any, **others: Any) -> str:
    """Return the parameters that the URL must have, with values that are taken."""
    query = {
        parameter["name"]: parameter["example"]
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and parameter.get("required")
    }
    query.update(others)
    return "?" + urlencode(query, doseq=True) if query else ""


def about(example: Any, place: Place) -> Any:
    """Return the example with the values that fit the objects of the place."""
    if isinstance(example, list) and not all("path" in each for each in example):
        return [about(each, place) for each in example]
    if isinstance(example, list):
        return [
            {**operation, "value": place.values[operation["path"].strip("/")]}
            if operation["path"].strip("/") in place.values
            else operation
            for operation in example
        ]
    known = {name: v for name, v in place.values.items() if name in example}
    return {**example, **known}


def deviations(walk: Walk, visit: Visit) -> Iterator[str]:
    """Yield what is answered otherwise than predicted; and what OPTIONS gets wrong."""
    passed: set[str] = set()
    allowed: set[str] = set()
    for method in walk.predictions.methods(visit.path):
        operation = walk.predictions.operation(visit.path, method)
        body = body_of(operation, visit.place)
        response = walk.send(visit, method, query_of(operation), **body)
        predicted = walk.predictions.status(
            visit.path, method, visit.caller, exists=visit.exists, free=visit.free
        )
        if response.status_int != predicted and not walk.sees_too_little(
            visit, response
        ):
            yield (
                f"{method} {visit.url} by {visit.who}: the document says {predicted}, "
                f"the answer was {response.status} {response.text[:200]}"
            )
        if response.status_int not in {401, 403, 404}:
            passed.add(method)
        if method == "OPTIONS":
            allowed = methods_in(response.headers.get("Allow", ""))
    if allowed != passed:
        yield (
            f"OPTIONS {visit.url} by {visit.who}: Allow has {sorted(allowed)}, but "
            f"neither 401 nor 403 is answered to {sorted(passed)}"
        )


def methods_in(allow: str) -> set[str]:
    return set(allow.split(", ")) if allow else set()


MISTAKES: dict[int, dict[str, Any]] = {
    400: {"body": b"{", "content_type": "application/json"},
    415: {"body": b"text", "content_type": "text/plain"},
    422: {"json": {"no such field": 1}},
}
# Any bytes may be a file, of the types that are taken.
MISTAKES_OF_FILES: dict[int, dict[str, Any]] = {
    400: {"body": b"--x", "content_type": BOUNDED},
    415: {"body": b"text", "content_type": "text/no-such-type"},
    422: {"body": b"--x--", "content_type": BOUNDED},
}


def mistakes_of(operation: Any) -> dict[int, dict[str, Any]]:
    is_file = takes_file(operation["requestBody"]["content"])
    return MISTAKES_OF_FILES if is_file else MISTAKES


def deviations_of_mistakes(walk: Walk, visit: Visit) -> Iterator[str]:
    """Yield each wrong body that is not refused; whoever may not, learns that first.

    They learn it before the media type is looked at, which comes before all else.
    """
    for method in walk.predictions.methods(visit.path):
        operation = walk.predictions.operation(visit.path, method)
        if "requestBody" not in operation:
            continue
        predicted = walk.predictions.status(
            visit.path, method, visit.caller, exists=visit.exists, free=visit.free
        )
        mistakes = mistakes_of(operation)
        if predicted >= 300:
            mistakes = {predicted: mistakes[415]}
        for expected, mistake in mistakes.items():
            query = query_of(operation)
            answered = walk.send(visit, method, query, **mistake).status_int
            if answered != expected:
                yield (
                    f"{method} {visit.url} by {visit.who} with {mistake}: the document "
                    f"says {expected}, the answer was {answered}"
                )
