"""Types for the annotations of all packages: the request, rows, JSON."""

from typing import TYPE_CHECKING, Any, TypeAlias

import pyramid.request
from sqlalchemy import Select

__all__ = ["Fragment", "Json", "Request", "Row", "Selection"]

if TYPE_CHECKING:
    from apiserver.core.endpoints.request import Request
else:
    # Packages below the endpoints don't import them.
    Request = pyramid.request.Request

# What a JSON text holds, read or to be written.
Json: TypeAlias = Any
# A JSON object: a document, or a part of one.
Fragment: TypeAlias = dict[str, Any]
# A row of columns, by the names of which it is read: a named tuple, or an entity.
Row: TypeAlias = Any
# A SELECT of columns.
Selection: TypeAlias = Select[*tuple[Any, ...]]
