"""Translates a declaration for Cornice: schemas of input and output."""

from typing import Any, Protocol

from pyramid.exceptions import ConfigurationError

from apiserver.core.endpoints.inputs import Takes, request_schema
from apiserver.core.endpoints.outputs import Returns, response_schemas
from apiserver.core.schemas.fields import Object
from apiserver.core.tree.permissions import Permission


class Lists(Protocol):
    """The interface of ``lists.Listing``."""

    query: type[Object]


def schemas_of(
    method: str,
    path: str,
    *,
    takes: Takes | None = None,
    returns: Returns | None = None,
    lists: Lists | None = None,
    query: type[Object] | None = None,
    status: int | None = None,
    **kw: object,
) -> dict[str, Any]:
    """Return a declaration as Cornice's ``schema`` and ``response_schemas``.

    ``takes`` and ``returns`` are schemas, or a List of one; ``lists`` is the Listing;
    ``query`` has the query parameters if there is a body, too; ``status`` is that of
    the response, if it isn't the usual one. ``response_schemas``, for unusual
    responses, has a ResponseSchema for each status.
    """
    schema = request_schema(method, lists.query if lists else takes, query)
    if schema is not None:
        kw["schema"] = schema
    if "response_schemas" not in kw:
        kw["response_schemas"] = response_schemas(
            method, path, returns=returns, status=status, is_page=lists is not None
        )
    return kw


def checked(permission: object, view: object) -> Permission:
    """Return the permission; a view without one stops the server from starting."""
    if not isinstance(permission, Permission):
        raise ConfigurationError(
            f"{getattr(view, '__name__', view)} declares no permission."
        )
    return permission
