"""Endpoints that do what their methods are for, for the features of tests."""

import re
from functools import wraps
from typing import Any

from pyramid.config import Configurator

from apiserver.core.db import constraints
from apiserver.core.endpoints import ApiService
from apiserver.core.tree import Permission


def show(request: Any) -> Any:
    """See the object."""
    return getattr(request.context, request.context.noun)


def patch(request: Any) -> Any:
    return request.context.patch()


def delete(request: Any) -> None:
    request.context.delete()


def put(request: Any) -> Any:
    return request.context.put()


ITEM = {"get": show, "patch": patch, "put": put, "delete": delete}


def named(view: Any, method: str, path: str, taken: dict[str, Any]) -> Any:
    """Return the view by a name of its own, with errors for what is violated."""

    @wraps(view)
    def call(request: Any) -> Any:
        with constraints(request.db, **taken):
            return view(request)

    call.__name__ = "_".join([method, *re.findall(r"\w+", path)])
    call.__doc__ = "Do what the method is for."
    return call


def serve(
    config: Configurator,
    path: str,
    read: Permission,
    write: Permission | None = None,
    methods: str = "",
    *,
    takes: Any = None,
    returns: Any = None,
    lists: Any = None,
    makes: Any = None,
    taken: dict[str, Any] | None = None,
    **views: Any,
) -> ApiService:
    """Add an endpoint: of a list, which makes rows of a model, or of an object.

    ``methods`` are those of an object, each of which does what it is for; other methods
    have a view. ``taken`` says which errors violated constraints become.
    """

    def show_page(request: Any) -> Any:
        return lists.page_of(request)

    def make(request: Any) -> Any:
        values = request.context.ids() | request.validated["body"]
        return request.db.insert(makes, **values)

    found = {method: ITEM[method] for method in methods.lower().split()}
    found |= ({"get": show_page} if lists else {}) | ({"post": make} if makes else {})
    service = ApiService(path, path)
    said = {"takes": takes, "returns": returns, "lists": lists}
    kept = {"get": ("returns", "lists"), "delete": ()}
    for method, view in {**found, **views}.items():
        names = kept.get(method, ("takes", "returns"))
        declared = {name: said[name] for name in names if said[name] is not None}
        if taken and method != "get":
            declared["errors"] = tuple(taken.values())
        may = read if method == "get" else write or read
        view = named(view, method, path, taken or {})
        getattr(service, method)(permission=may, **declared)(view)
    config.add_cornice_service(service)
    return service
