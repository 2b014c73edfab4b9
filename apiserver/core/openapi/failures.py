"""The errors of an operation: the same exceptions that are raised.

The document gets its texts and examples from them, so that messages can't differ.
"""

from collections.abc import Iterator
from itertools import islice

import colander

from apiserver.core.endpoints.exception_views import CUT_SHORT
from apiserver.core.endpoints.files import ContentRequest
from apiserver.core.endpoints.inputs import (
    PatchRequest,
    RequestSchema,
    UnknownParameter,
)
from apiserver.core.endpoints.references import NO_OBJECT
from apiserver.core.http.bodies import EncodedBody
from apiserver.core.http.errors import (
    ApiError,
    BadRequest,
    ContentTooLarge,
    PreconditionFailed,
    RangeNotSatisfiable,
    ServiceUnavailable,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
)
from apiserver.core.lists.queries import NoCursor, TwoPlaces
from apiserver.core.openapi.operations import Operation
from apiserver.core.schemas.patch import TestFailed
from apiserver.core.schemas.references import referring
from apiserver.core.schemas.types import IntegerType, ListType, ObjectType
from apiserver.core.schemas.validation import validated
from apiserver.core.tree.permissions import ANYONE, SIGNED_IN
from apiserver.core.tree.policy import (
    InsufficientScope,
    InvalidToken,
    NotGranted,
    ReadOnlyAccount,
)
from apiserver.core.tree.traversal import NoSuchObject

NO_JSON = "The body is not JSON: unexpected end of data."


def failures(operation: Operation) -> list[ApiError]:
    """Return an error of each kind that the operation can raise, by status."""
    declared = [error.example() for error in operation.arguments.get("errors", ())]
    errors = [*of_the_request(operation), *of_the_caller(operation), *declared]
    if operation.is_list:
        errors += [NoCursor.example(), TwoPlaces.example()]
    if isinstance(operation.schema, PatchRequest):
        errors.append(TestFailed.example())
    if isinstance(operation.schema, ContentRequest):
        errors += operation.schema.refusals()
    errors += [error.example() for error in operation.refusals]
    if operation.sends_file:
        errors += [PreconditionFailed(), RangeNotSatisfiable.example()]
    errors += [ServiceUnavailable(), *operation.common_errors]
    return sorted(errors, key=lambda error: error.status)


def of_the_request(operation: Operation) -> Iterator[ApiError]:
    """Yield the errors of a request, whoever sends it."""
    if "{" in operation.service.path:
        yield NoSuchObject()
    if operation.checks_version:
        yield PreconditionFailed()
    schema = operation.schema
    if isinstance(schema, PatchRequest) or (schema is not None and schema.children):
        yield refused_value(schema)
        for node in schema.bodies:
            for name in islice(referring(node), 1):
                yield ValidationFailed(("body", name, NO_OBJECT))
    takes_query = schema is not None and schema.takes_query
    if operation.method != "OPTIONS" and not takes_query:
        yield UnknownParameter.example()
    yield ContentTooLarge(operation.most_bytes)
    if operation.consumes:
        is_file = isinstance(schema, ContentRequest)
        yield BadRequest(CUT_SHORT if is_file else NO_JSON)
        yield UnsupportedMediaType(operation.method, operation.consumes)
        yield EncodedBody(operation.method, tuple(operation.consumes))
    else:
        yield BadRequest("The URL is not UTF-8.")


def of_the_caller(operation: Operation) -> Iterator[ApiError]:
    """Yield the errors for callers without permission."""
    if not operation.is_public:
        yield Unauthenticated()
    yield InvalidToken()
    permission = operation.permission
    if permission is None:
        return
    if permission.scope is not None:
        yield InsufficientScope(permission.scope)
    if permission.writes:
        yield ReadOnlyAccount()
    if {ANYONE, SIGNED_IN}.isdisjoint(operation.roles):
        yield NotGranted(operation.roles)
    yield from operation.demand.refusals()


def refused_value(schema: RequestSchema) -> ValidationFailed:
    """Return the error for a request whose first field has an invalid value."""
    if isinstance(schema, PatchRequest):
        field = next(f for f in schema.patched.children if not is_virtual(f))
        node, location = colander.SchemaNode(ObjectType(), field), "body"
    else:
        node = schema.children[0]
        field, location = node.children[0], node.name
    is_bulk = isinstance(node.typ, ListType)
    if is_bulk:
        field = field.children[0]
    # Each field rejects one of these: the first, if it has limits.
    for wrong in (0, "") if isinstance(field.typ, IntegerType) else ("", 0):
        try:
            value = {field.name: wrong}
            validated(node, location, [value] if is_bulk else value)
        except ValidationFailed as error:
            return error
    raise TypeError(f"{field.name} accepts any value.")


def is_virtual(field: colander.SchemaNode) -> bool:
    return getattr(field, "virtual", False)
