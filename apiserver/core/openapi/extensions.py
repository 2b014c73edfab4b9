"""Extensions of the document, about all operations.

They list the permissions and roles, the headers of every response, and the responses
outside of any operation. Like everything else they come from what is enforced.
"""

from collections.abc import Mapping

from pyramid.config import Configurator

from apiserver.core.endpoints.services import services_of
from apiserver.core.http.errors import (
    ApiError,
    BadRequest,
    ContentTooLarge,
    MethodNotAllowed,
    NotFound,
)
from apiserver.core.http.special import MAX_BODY
from apiserver.core.openapi.headers import Headers, text_header, with_headers
from apiserver.core.openapi.operations import Operation, operations_of
from apiserver.core.openapi.responses import TEXTS, failure
from apiserver.core.registry import Registry
from apiserver.core.typing import Fragment

GLOBAL_ROLES = ("system.", "role:")

ALWAYS = {
    "X-Request-Id": "Identifies the request in the logs.",
    "Cache-Control": "Who may cache the response.",
    "X-Content-Type-Options": "The media type must not be guessed.",
    "Referrer-Policy": "URLs of this server are never sent as a referrer.",
    "Content-Security-Policy": "No other page may frame the response.",
}
CORS = {
    "Access-Control-Allow-Origin": "The page's origin, if it may call the API.",
    "Access-Control-Expose-Headers": "Which headers the page may read.",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "Which methods the page may use.",
    "Access-Control-Allow-Headers": "Which headers the page may send.",
    "Access-Control-Max-Age": "How many seconds this may be cached.",
}
VARY = {"Vary": "The request headers that the response depends on."}


def extensions(registry: Registry) -> Fragment:
    """Return the extensions of an application's document."""
    operations = [
        operation
        for service in services_of(registry)
        for operation in operations_of(service, registry)
    ]
    always = texts({**ALWAYS, **registry.common_headers})
    sometimes = texts({**CORS, **VARY, **registry.occasional_headers})
    return {
        "x-permissions": permissions(operations),
        "x-roles": roles(operations),
        "x-headers": with_headers({}, always, sometimes)["headers"],
        "x-responses": {
            **unrouted(),
            **{str(error.status): failure([error]) for error in registry.common_errors},
        },
    }


def permissions(operations: list[Operation]) -> Fragment:
    """Return each permission that an operation asks for, by its label.

    ``writes``: not for read-only accounts.
    """
    asked = {
        permission.label: permission
        for operation in operations
        for permission in (operation.permission, operation.creates)
        if permission is not None
    }
    return {
        label: {
            "description": permission.sentence,
            "scopes": [permission.scope] if permission.scope else [],
            "writes": permission.writes,
        }
        for label, permission in sorted(asked.items())
    }


def roles(operations: list[Operation]) -> Fragment:
    """Return each role that may call an operation.

    Users have a local role ``at`` the objects of these paths.
    """
    described: Fragment = {
        str(role): {"description": role.phrase}
        for operation in operations
        for role in [*operation.roles, *operation.creators]
    }
    for path, role in sorted({pair for each in operations for pair in each.grants}):
        if role in described and not role.startswith(GLOBAL_ROLES):
            described[str(role)].setdefault("at", []).append(path)
    return dict(sorted(described.items()))


def unrouted() -> Fragment:
    """Return the responses outside of any operation."""
    return {
        "204": with_headers(
            {"description": "Any CORS preflight request."},
            {},
            texts({**CORS, **PREFLIGHT}),
        ),
        "308": with_headers(
            {"description": "The path needs a trailing slash."},
            {"Location": text_header("The same URL with a trailing slash.")},
        ),
        "400": failure([BadRequest("The URL is not UTF-8.")], TEXTS[400]),
        "404": failure([NotFound()], "There is nothing at this path."),
        "405": failure(
            [MethodNotAllowed(["GET", "HEAD", "OPTIONS"])],
            "This path does not support the method.",
        ),
        "413": failure([ContentTooLarge(MAX_BODY)], TEXTS[413]),
    }


def document_everywhere(
    config: Configurator, error: ApiError, headers: Mapping[str, str]
) -> None:
    """Document what a tween does to every request and response.

    ``error`` is an example of an error that it may return, ``headers`` are added to
    every response, with their descriptions.
    """
    config.registry.common_errors.append(error)
    config.registry.common_headers.update(headers)


def includeme(config: Configurator) -> None:
    config.registry.common_errors = []
    config.registry.common_headers = {}
    config.registry.occasional_headers = {}
    config.add_directive("document_everywhere", document_everywhere)


def texts(descriptions: Mapping[str, str]) -> Headers:
    return {name: text_header(text) for name, text in descriptions.items()}
