"""Declares endpoints on the tree; the only place that knows Cornice.

::

    teams = ApiService("teams", "/teams/")

    @teams.post(permission=…, schema=body(TeamCreate), response_schemas={"201": …})
    def create_team(request): …

An endpoint is: permission, then validation, then the view, then its answer as the
response schema says. The function's name is the ``operationId``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cornice.service import Service
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.core.answers import View, endpoint, respond
from apiserver.core.errors import MethodNotAllowed
from apiserver.core.permissions import Permission
from apiserver.core.resources import Resource, Root
from apiserver.core.response import Response
from apiserver.core.schemas import ResponseSchema, returns_nothing
from apiserver.core.traversal import classes_at

# What a view's declaration says for the documentation only.
DOCUMENTATION = ("response_schemas", "tags", "errors")


class ApiService(Service):
    """The endpoints at one path of the tree.

    ``path`` is a pattern as ``/teams/{team_id}``, below the prefix of the API. OPTIONS
    is answered for every service: with the methods that this caller may use here.
    """

    def __init__(self, name: str, path: str, **kw: Any) -> None:
        self.permissions: dict[str, Permission] = {}
        self.representation: tuple[View, ResponseSchema] | None = None
        super().__init__(
            name, path, depth=2, factory=self.root, validators=[validate], **kw
        )
        self.options(
            permission=None,
            response_schemas={"204": returns_nothing("`Allow` names the methods.")},
        )(self.make_options_view())

    def root(self, request: Any) -> Root:
        """Return the root of the tree; refuse a method before looking up any object."""
        if request.method not in self.defined_methods:
            raise MethodNotAllowed(self.defined_methods)
        return Root(request)

    def decorator(self, method: str, **kw: Any) -> Callable[[View], View]:
        """Declare the view of a method; see ``add_view``."""

        def wrapper(view: View) -> View:
            self.add_view(method, view, **kw)
            return view

        return wrapper

    def add_view(
        self, method: str, view: View, *, permission: Permission | None, **kw: Any
    ) -> None:
        """Register a view; only OPTIONS goes without a permission."""
        method = method.upper()
        if method != "OPTIONS":
            if not isinstance(permission, Permission):
                raise ConfigurationError(f"{view.__name__} declares no permission.")
            self.permissions[method] = permission
            if method == "GET":
                self.permissions["HEAD"] = permission
                self.representation = (view, kw["response_schemas"]["200"])
        kw["permission"] = permission or NO_PERMISSION_REQUIRED
        super().add_view(method, endpoint(self, view, kw["response_schemas"]), **kw)

    def make_options_view(self) -> View:
        def options(request: Any) -> Response:
            """See which methods one may use here."""
            return self.allow(request)

        options.__name__ = f"options_{self.name}"
        return options

    def allow(self, request: Any) -> Response:
        """Answer OPTIONS: 204 and ``Allow``; 401 if an anonymous caller may nothing."""
        allowed = [
            method
            for method, permission in self.permissions.items()
            if request.has_permission(permission)
        ]
        if request.identity is None and (request.presents_token or not allowed):
            raise request.unauthenticated()
        return respond(
            request, 204, None, [("Allow", ", ".join([*allowed, "OPTIONS"]))]
        )


def validate(request: Any, schema: Any = None, **kw: Any) -> None:
    """Cornice's hook for validation: fill in ``request.validated`` or raise."""
    if schema is not None:
        request.validated = schema.validate(request)


def check_declarations(config: Configurator) -> None:
    """Refuse to start with a path, a scope or a permission that doesn't exist."""
    registry = config.registry
    services = services_of(registry)
    for index, service in enumerate(services):
        try:
            classes = classes_at(registry.tree, service.path)
        except (AttributeError, KeyError):
            raise ConfigurationError(
                f"No node of the tree is at {service.path}."
            ) from None
        for permission in service.permissions.values():
            check_scope(permission, registry.scopes)
        for node in classes:
            check_acl(node)
        for later in services[index + 1 :]:
            if hides(service.path, later.path):
                raise ConfigurationError(
                    f"{service.path} is declared before {later.path}, and hides it."
                )


def check_scope(permission: Permission, scopes: Mapping[str, str]) -> None:
    if permission.scope is not None and permission.scope not in scopes:
        raise ConfigurationError(
            f"{permission.label} needs the scope {permission.scope}, "
            "which no feature has registered."
        )


def check_acl(node: type[Resource]) -> None:
    for _, _, permissions in node.__acl__:
        unknown = [p for p in permissions if not isinstance(p, Permission)]
        if unknown:
            raise ConfigurationError(
                f"{node.__name__} grants {unknown}, which is no permission."
            )


def hides(path: str, later: str) -> bool:
    """Whether every URL of the later pattern is one of the other, which comes first."""
    segments, others = path.split("/"), later.split("/")
    return len(segments) == len(others) and all(
        segment == other or (segment.startswith("{") and other)
        for segment, other in zip(segments, others, strict=True)
    )


def services_of(registry: Any) -> list[ApiService]:
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
    # Cornice's exception views would answer instead of ours.
    config.registry.settings["handle_exceptions"] = "false"
    config.registry.scopes = {}
    config.add_directive("add_scope", add_scope)
    config.add_view_deriver(documented_view)
    config.include("cornice")
    config.action("apiserver.declarations", check_declarations, (config,), order=9998)
