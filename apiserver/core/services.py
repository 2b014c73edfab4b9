"""Declares endpoints on the tree; the only place that knows Cornice.

::

    teams = ApiService("teams", "/teams/")

    @teams.post(permission=…, schema=body(TeamCreate), response_schemas={"201": …})
    def create_team(request): …

An endpoint is: permission, then validation, then the view, then its answer as the
response schema says. The function's name is the ``operationId``.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import orjson
from cornice.service import Service
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.core.errors import MethodNotAllowed, PreconditionFailed
from apiserver.core.permissions import Permission
from apiserver.core.resources import Item, Root, classes_at
from apiserver.core.response import Response
from apiserver.core.schemas import ResponseSchema, returns_nothing

View = Callable[[Any], Any]

# What a view's declaration says for the documentation only.
DOCUMENTATION = ("response_schemas", "tags", "errors")


class ApiService(Service):  # type: ignore[misc]
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
            response_schemas={"204": returns_nothing("`Allow` has the methods.")},
        )(self.make_options_view())

    def root(self, request: Any) -> Root:
        """Return the root of the tree; refuse a method before any object is looked up."""
        request.on_the_tree = True
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
        tag = self.path.strip("/").split("/")[0]

        def options(request: Any) -> Response:
            return self.allow(request)

        options.__name__ = f"options_{self.name}"
        options.__doc__ = f"Which methods may I use here?\n\nTagged {tag}."
        return options

    def allow(self, request: Any) -> Response:
        """Answer OPTIONS: 204 and ``Allow``; 401 where an anonymous caller may nothing."""
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


def endpoint(
    service: ApiService, view: View, responses: dict[str, ResponseSchema]
) -> View:
    """Wrap a view: check ``If-Match``, call it, dump what it returns."""
    status, schema = next(
        (int(status), schema) for status, schema in responses.items() if status < "300"
    )

    @functools.wraps(view)
    def call(request: Any) -> Response:
        if "HTTP_IF_MATCH" in request.environ and isinstance(request.context, Item):
            check_version(service, request)
        result = view(request)
        if isinstance(result, Response):
            return result
        if schema.dump is None:
            return respond(request, status, None)
        return respond(request, status, orjson.dumps(schema.dump(result)))

    return call


def check_version(service: ApiService, request: Any) -> None:
    """Compare ``If-Match`` with the object as GET would show it, and keep it locked.

    Raise PreconditionFailed when they differ (RFC 9110 section 13.1.1).
    """
    if request.method in {"GET", "HEAD"} or service.representation is None:
        return
    request.context.lock()
    request.context.reload()
    view, schema = service.representation
    current = etag_of(orjson.dumps(schema.dump(view(request))))
    if current not in request.if_match:
        raise PreconditionFailed("The object was changed since it was read.")


def etag_of(body: bytes) -> str:
    """Return the entity tag of a body, without the quotes."""
    return blake2b(body, digest_size=12).hexdigest()


def respond(
    request: Any, status: int, body: bytes | None, headers: Any = ()
) -> Response:
    """Make the answer, in one go; with an ETag where a single object was read."""
    header_list = [*headers, *request.extra_headers]
    if body is None:
        return Response(status=status, headerlist=header_list, app_iter=[])
    header_list += [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    ]
    response = Response(status=status, headerlist=header_list, app_iter=[body])
    if status == 200 and isinstance(request.context, Item):
        response.etag = etag_of(body)
        response.conditional_response = request.method in {"GET", "HEAD"}
    return response


def created(request: Any, thing: Any, key: Any = None) -> Any:
    """Return what was created, for a 201 with its ``Location``.

    The location is the URL of the collection and the ``key``, by default the id.
    """
    location = f"{request.script_name}{request.path_info}{key or thing.id}"
    request.extra_headers.append(("Location", location))
    return thing


def check_declarations(config: Configurator) -> None:
    """Refuse to start with a permission that nobody can be granted, or without a scope."""
    registry = config.registry
    for service in services_of(registry):
        classes = classes_at(registry.tree, service.path)
        for permission in service.permissions.values():
            if permission.scope is not None and permission.scope not in registry.scopes:
                raise ConfigurationError(
                    f"{permission.label} needs the scope {permission.scope}, "
                    "which no feature has registered."
                )
        for node in classes:
            for _, _, permissions in node.__acl__:
                unknown = [p for p in permissions if not isinstance(p, Permission)]
                if unknown:
                    raise ConfigurationError(
                        f"{node.__name__} grants {unknown}, which is no permission."
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
