"""Declares endpoints on the tree; the only place that knows Cornice.

::

    teams = ApiService("teams", "/teams/")

    @teams.get(permission=…, lists=TEAMS, returns=TeamSummary)
    @teams.post(permission=…, takes=TeamCreate, returns=TeamDetail)
    @team.patch(permission=…, takes=TeamPatch, returns=TeamDetail)
    @team.delete(permission=…)

An endpoint is: permission, then validation, then the view, then its response. The
method says what the words mean: GET takes query parameters, POST a JSON body or a form,
and answers 201 with ``Location``; PATCH takes a JSON Patch (RFC 6902). What returns
nothing is a 204. The function's name is the ``operationId``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from cornice.pyramidhook import register_service_views
from cornice.service import Service
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.core.endpoints.inputs import Takes, refuse_parameters, request_schema
from apiserver.core.endpoints.outputs import ResponseSchema, Returns, response_schemas
from apiserver.core.endpoints.rendering import (
    Prepare,
    Representation,
    View,
    endpoint,
    representation,
    respond,
)
from apiserver.core.endpoints.request import Request
from apiserver.core.http.methods import Taking
from apiserver.core.http.response import METHODS, Response
from apiserver.core.registry import Registry
from apiserver.core.schemas.fields import Object
from apiserver.core.tree.permissions import Permission
from apiserver.core.tree.resources import Root

# What a view's declaration says for the documentation only.
DOCUMENTATION = ("response_schemas", "tags", "errors")
# What a view's declaration says besides its permission.
DECLARED = (*DOCUMENTATION, "schema")


class Lists(Protocol):
    """What a list is read by, as ``lists.Listing`` is."""

    query: type[Object]


class ApiService(Service):
    """The endpoints at one path of the tree.

    ``path`` is a pattern as ``/teams/{team_id}``, below the prefix of the API. OPTIONS
    is answered for every service: with the methods that this caller may use here.
    """

    def __init__(self, name: str, path: str, *, depth: int = 2, **kw: Any) -> None:
        self.permissions: dict[str, Permission] = {}
        self.prepares: dict[str, Prepare | None] = {}
        self.representation: Representation | None = None
        self.accept_patch = ""
        self.taking = Taking(root=Root)
        # Scanning finds it in the module that is this many frames away.
        super().__init__(
            name, path, depth=depth, factory=self.taking, validators=[validate], **kw
        )
        self.options(
            permission=None,
            response_schemas={"204": ResponseSchema("`Allow` names the methods.")},
        )(self.make_options_view())

    def decorator(self, method: str, **kw: Any) -> Callable[[View], View]:
        """Declare the view of a method; see ``add_view``."""

        def wrapper(view: View) -> View:
            self.add_view(method, view, **kw)
            return view

        return wrapper

    def add_view(
        self,
        method: str,
        view: View,
        *,
        permission: Permission | None,
        prepare: Prepare | None = None,
        **kw: Any,
    ) -> None:
        """Register a view; only OPTIONS goes without a permission.

        ``prepare`` runs before anything is locked: it may take long, and commit.
        ``schemas_of`` tells of the other words.
        """
        method = method.upper()
        kw = schemas_of(method, self.path, **kw)
        if method != "OPTIONS":
            self.permissions[method] = checked(permission, view)
            if method == "GET":
                self.permissions["HEAD"] = self.permissions["GET"]
                self.representation = representation(view, kw["response_schemas"])
            elif method == "PATCH" and "schema" in kw:
                self.accept_patch = ", ".join(kw["schema"].consumes)
        self.prepares[method] = prepare
        # Found by its name: predicates would be tried one view after the other.
        kw |= {"permission": permission or NO_PERMISSION_REQUIRED, "name": method}
        super().add_view(method, endpoint(self, view, kw["response_schemas"]), **kw)
        self.taking.methods = tuple(self.defined_methods)

    @property
    def methods(self) -> list[str]:
        """The methods that need a permission, in their usual order."""
        return sorted(self.permissions, key=METHODS.index)

    def without(self, *methods: str) -> "ApiService":
        """Return the same endpoints but these, which another version declares anew."""
        copy = ApiService(self.name, self.path, depth=3)
        for method, view, declared in self.definitions:
            if method in self.permissions and method not in (*methods, "HEAD"):
                kept = {name: declared[name] for name in DECLARED if name in declared}
                permission = self.permissions[method]
                kept["prepare"] = self.prepares.get(method)
                copy.add_view(method, view.__wrapped__, permission=permission, **kept)
        return copy

    def make_options_view(self) -> View:
        def options(request: Request) -> Response:
            """See which methods one may use here."""
            return self.allow(request)

        options.__name__ = f"options_{self.name}"
        return options

    def allow(self, request: Request) -> Response:
        """Answer OPTIONS (RFC 5789 3.1); 401 if an anonymous caller may nothing."""
        allowed = [
            method
            for method in self.methods
            if request.has_permission(self.permissions[method])
        ]
        if request.identity is None and (request.presents_token or not allowed):
            raise request.unauthenticated()
        headers = [("Allow", ", ".join([*allowed, "OPTIONS"]))]
        if self.accept_patch and "PATCH" in allowed:
            headers.append(("Accept-Patch", self.accept_patch))
        return respond(request, 204, None, headers)


def schemas_of(
    method: str,
    path: str,
    *,
    takes: Takes | None = None,
    returns: Returns | None = None,
    lists: Lists | None = None,
    query: type[Object] | None = None,
    **kw: Any,
) -> dict[str, Any]:
    """Return a declaration in Cornice's words: ``schema`` and ``response_schemas``.

    ``takes`` and ``returns`` are schemas; ``lists`` is the Listing of which pages are
    returned; ``query`` are parameters besides a body. For what is unusual there may be
    ``response_schemas``, with a ResponseSchema for each status.
    """
    schema = request_schema(method, lists.query if lists else takes, query)
    if schema is not None:
        kw["schema"] = schema
    if "response_schemas" not in kw:
        things = path.strip("/").rpartition("/")[2].replace("_", " ") if lists else ""
        kw["response_schemas"] = response_schemas(method, returns, things)
    return kw


def checked(permission: Any, view: View) -> Permission:
    """Return the permission; a view without one stops the server from starting."""
    if not isinstance(permission, Permission):
        raise ConfigurationError(f"{view.__name__} declares no permission.")
    return permission


def validate(request: Request, schema: Any = None, **kw: Any) -> None:
    """Cornice's hook for validation: fill in ``request.validated`` or raise.

    Of OPTIONS nothing is checked: it asks what there is, whatever the query.
    """
    takes_query = schema is not None and schema.takes_query
    if request.query_string and not takes_query and request.method != "OPTIONS":
        refuse_parameters(request)
    if schema is not None:
        request.validated = schema.validate(request)


def services_of(registry: Registry) -> list[ApiService]:
    """Return the services of this application; Cornice's own list is of the process."""
    return list(registry.cornice_services.values())


def add_scope(config: Configurator, name: str, sentence: str) -> None:
    """Register an OAuth2 scope with the sentence that says what it lets a client do."""
    config.registry.scopes[name] = sentence


@contextmanager
def outside_prefix(config: Configurator) -> Iterator[None]:
    """Register routes that are no part of the API, at the root of the server."""
    prefix, config.route_prefix = config.route_prefix, None
    try:
        yield
    finally:
        config.route_prefix = prefix


def documented_view(view: View, info: Any) -> View:
    """Let view declarations carry what is for the documentation only."""
    return view


documented_view.options = DOCUMENTATION  # type: ignore[attr-defined]


def includeme(config: Configurator) -> None:
    config.registry.scopes = {}
    config.add_directive("add_scope", add_scope)
    config.add_view_deriver(documented_view)
    # Not all of Cornice: its exception views would answer instead of ours, and each
    # request would go through its filters, which are not used.
    config.registry.cornice_services = {}
    config.add_directive("add_cornice_service", register_service_views)
