"""Declares endpoints; the only module that uses Cornice.

::

    teams = ApiService("teams", "/teams/")

    @teams.get(permission=…, lists=TEAMS, returns=TeamSummary)
    @teams.post(permission=…, takes=TeamCreate, returns=TeamDetail)
    @team.patch(permission=…, takes=TeamPatch, returns=TeamDetail)
    @team.delete(permission=…)

A request passes the permission, the validation, the view, and the response schema. The
method determines the input: GET takes query parameters, POST a JSON body or a form,
PATCH a JSON Patch (RFC 6902); POST responds with 201 and ``Location``. Without
``returns`` the status is 204. The function's name is the ``operationId``.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol, TypeVar

from cornice.service import Service
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import IDefaultPermission, IViewDeriverInfo
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.core.endpoints.declarations import checked, schemas_of
from apiserver.core.endpoints.demands import Demand
from apiserver.core.endpoints.inputs import RequestSchema, refuse_parameters
from apiserver.core.endpoints.outputs import ResponseSchema
from apiserver.core.endpoints.rendering import (
    Prepare,
    Representation,
    View,
    endpoint,
    representation,
    respond,
)
from apiserver.core.endpoints.request import Request
from apiserver.core.http.errors import ValidationFailed
from apiserver.core.http.methods import Taking
from apiserver.core.http.response import METHODS, Response
from apiserver.core.registry import Registry
from apiserver.core.tree.permissions import Permission
from apiserver.core.tree.resources import Root
from apiserver.core.tree.traversal import NoSuchObject

# Arguments of a view that are only for the documentation.
DOCUMENTATION = ("response_schemas", "tags", "errors")
# Arguments of a view besides its permission.
DECLARED = (*DOCUMENTATION, "schema")


V = TypeVar("V", bound=View)


class Declare(Protocol):
    """Declares the view of a method; the arguments are those of ``declarations.py``."""

    def __call__(self, **kw: Any) -> Callable[[V], V]: ...


def validate(
    request: Request, schema: RequestSchema | None = None, **kw: object
) -> None:
    """Cornice's validation hook: fill in ``request.validated`` or raise.

    OPTIONS isn't validated.
    """
    takes_query = schema is not None and schema.takes_query
    if request.query_string and not takes_query and request.method != "OPTIONS":
        refuse_parameters(request)
    if schema is not None:
        request.validated = schema.validate(request)


def refuse(request: Request) -> NoReturn:
    """Cornice's error hook: raise the errors that validators have added."""
    errors = [(e["location"], e["name"], e["description"]) for e in request.errors]
    raise ValidationFailed(*errors)


class ApiService(Service):
    """The endpoints at one path of the tree.

    ``path`` is a pattern such as ``/teams/{team_id}``, below the prefix of the API.
    Every service handles OPTIONS: it returns the methods that this caller may use.
    Validators and filters are Cornice's: they run after the schema, and errors that
    they add to ``request.errors`` become a 422.
    """

    default_validators = [validate]

    # As Cornice creates them.
    get: Declare
    post: Declare
    put: Declare
    patch: Declare
    delete: Declare
    options: Declare

    def __init__(self, name: str, path: str, *, depth: int = 2, **kw: object) -> None:
        self.permissions: dict[str, Permission] = {}
        self.prepares: dict[str, list[Prepare]] = {}
        self.demands: dict[str, Demand] = {}
        self.referring: dict[str, RequestSchema] = {}
        self.representation: Representation | None = None
        self.accept_patch = ""
        self.taking = Taking(root=Root)
        # Scanning finds it in the module that is this many frames away.
        kw.setdefault("error_handler", refuse)
        super().__init__(name, path, depth=depth, factory=self.taking, **kw)
        self.options(
            permission=None,
            response_schemas={"204": ResponseSchema("`Allow` lists the methods.")},
        )(self.make_options_view())

    def decorator(self, method: str, **kw: Any) -> Callable[[V], V]:
        """Declare the view of a method; see ``add_view``."""

        def wrapper(view: V) -> V:
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
        """Register a view; only OPTIONS needs no permission.

        ``prepare`` runs before anything is locked: it may be slow, and commit. The user
        must have signed in within ``fresh`` seconds, or those of the setting with this
        name, and to the class ``acr``. ``schemas_of`` describes the other arguments.
        """
        method = method.upper()
        self.demands[method] = Demand(kw.pop("fresh", None), kw.pop("acr", None))
        kw = schemas_of(method, self.path, **kw)
        if method != "OPTIONS":
            self.permissions[method] = checked(permission, view)
            if method == "GET":
                self.permissions["HEAD"] = self.permissions["GET"]
                self.representation = representation(view, kw["response_schemas"])
            elif method == "PATCH" and "schema" in kw:
                self.accept_patch = ", ".join(kw["schema"].consumes)
        self.prepares[method] = preparing(prepare, kw.get("schema"))
        # Found by its name, since predicates would be tried one after the other.
        kw |= {"permission": permission or NO_PERMISSION_REQUIRED, "name": method}
        super().add_view(method, endpoint(self, view, kw["response_schemas"]), **kw)
        self.taking.methods = tuple(self.defined_methods)

    @property
    def methods(self) -> list[str]:
        """The methods that need a permission, in their usual order."""
        return sorted(self.permissions, key=METHODS.index)

    def without(self, *methods: str) -> "ApiService":
        """Return a copy without these methods, which another version redeclares."""
        copy = ApiService(self.name, self.path, depth=3)
        self.copy_to(copy, [m for m in self.methods if m not in methods])
        return copy

    def also_at(self, path: str, suffix: str) -> "ApiService":
        """Return a copy at another path with the same class of node.

        A project may be at ``/projects/{project_id}`` and, as a project ``of_team``, at
        ``/teams/{team_id}/projects/{project_id}``. The suffix is added to names and
        operationIds.
        """
        copy = ApiService(f"{self.name}_{suffix}", path, depth=3)
        self.copy_to(copy, self.methods, f"_{suffix}")
        return copy

    def copy_to(
        self, copy: "ApiService", methods: Iterable[str], suffix: str = ""
    ) -> None:
        """Declare the views for another service, too, with the suffix."""
        for method, view, declared in self.definitions:
            if method in methods and method != "HEAD":
                kept = {name: declared[name] for name in DECLARED if name in declared}
                needed = preparing(None, kept.get("schema"))
                steps = [each for each in self.prepares[method] if each not in needed]
                kept["prepare"] = next(iter(steps), None)
                kept["filters"] = declared["filters"]
                kept["validators"] = declared["validators"][len(copy.validators) :]
                kept |= self.demands[method]._asdict()
                permission = self.permissions[method]
                again = renamed(view.__wrapped__, suffix)
                copy.add_view(method, again, permission=permission, **kept)

    def make_options_view(self) -> View:
        def options(request: Request) -> Response:
            """See which methods you may use."""
            return self.allow(request)

        options.__name__ = f"options_{self.name}"
        return options

    def allow(self, request: Request) -> Response:
        """Handle OPTIONS (RFC 5789 3.1); 401 if an anonymous caller may do nothing."""
        is_new = request.context.is_new
        allowed = [
            method
            for method in self.methods
            if (not is_new or method == "PUT")
            and request.has_permission(self.permissions[method])
        ]
        if request.identity is None and (request.presents_token or not allowed):
            raise request.unauthenticated()
        if is_new and not allowed:
            raise NoSuchObject
        headers = [("Allow", ", ".join([*allowed, "OPTIONS"]))]
        if self.accept_patch and "PATCH" in allowed:
            headers.append(("Accept-Patch", self.accept_patch))
        return respond(request, 204, None, headers)


def preparing(declared: Prepare | None, schema: object) -> list[Prepare]:
    """Return the functions to call before a view: the declared one, and the input's."""
    steps = (declared, getattr(schema, "prepare", None))
    return [step for step in steps if step is not None]


def renamed(view: View, suffix: str) -> View:
    """Return the view, renamed with the suffix."""
    if not suffix:
        return view

    @functools.wraps(view)
    def call(request: Request) -> object:
        return view(request)

    call.__name__ += suffix
    return call


def services_of(registry: Registry) -> list[ApiService]:
    """Return the application's ApiServices, without plain ones of Cornice."""
    every = registry.cornice_services.values()
    return [service for service in every if isinstance(service, ApiService)]


def add_scope(config: Configurator, name: str, sentence: str) -> None:
    """Register an OAuth2 scope, with its description."""
    config.registry.scopes[name] = sentence


@contextmanager
def outside_prefix(config: Configurator) -> Iterator[None]:
    """Register routes outside of the API, at the root of the server."""
    prefix, config.route_prefix = config.route_prefix, None
    try:
        yield
    finally:
        config.route_prefix = prefix


def declared_view(view: View, info: IViewDeriverInfo) -> View:
    """Raise ConfigurationError for any view without a permission.

    It also accepts the arguments that are only for the documentation.
    """
    default = info.registry.queryUtility(IDefaultPermission)
    permission = info.options.get("permission") or default
    is_known = isinstance(permission, Permission)
    if not (is_known or permission == NO_PERMISSION_REQUIRED or info.exception_only):
        name = getattr(info.original_view, "__name__", info.original_view)
        raise ConfigurationError(
            f"The view {name} declares no permission: give it a Permission, or "
            "pyramid.security.NO_PERMISSION_REQUIRED."
        )
    return view


# Pyramid reads them from the function.
declared_view.options = DOCUMENTATION  # type: ignore[attr-defined]


def includeme(config: Configurator) -> None:
    config.registry.scopes = {}
    config.add_directive("add_scope", add_scope)
    config.add_cors_headers(taken=["If-Match", "If-None-Match"], exposed=["ETag"])
    config.add_view_deriver(declared_view)
    # exception_views.py handles exceptions.
    config.registry.settings["handle_exceptions"] = False
    config.include("cornice")
