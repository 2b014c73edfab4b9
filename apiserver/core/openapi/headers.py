"""The headers of responses in the document, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from apiserver.core.http.errors import BEARER, ApiError
from apiserver.core.lists.pages import Target, link_header
from apiserver.core.openapi.operations import Operation
from apiserver.core.tree.resources import Collection, Item
from apiserver.core.typing import Fragment, Json

# Header Objects by their names.
Headers = Mapping[str, Fragment]

NOTHING: Headers = MappingProxyType({})

TEXTS = {
    "Accept-Patch": "The accepted media types of a patch (RFC 5789 section 3.1).",
    "Accept-Post": "The accepted media types.",
    "Allow": "The allowed methods.",
    "Cache-Control": "Who may cache the response (RFC 9111 section 5.2).",
    "Content-Range": "How many bytes there are (RFC 9110 section 14.4).",
    "ETag": "The version of the object.",
    "Link": "first, prev, next, last (RFC 8288).",
    "Location": "The URL of the new object.",
    "Retry-After": "How many seconds to wait before retrying.",
    "WWW-Authenticate": "The challenge (RFC 6750 section 3).",
}

# Headers that responses sometimes have.
AT_TIMES = {
    "Accept-Encoding": "If the body was compressed (RFC 9110 section 12.5.3).",
    "WWW-Authenticate": "If the token lacks the scope (RFC 6750 section 3.1).",
}
TWICE: Headers = {
    "WWW-Authenticate": {
        "type": "string",
        "description": "If the token is sent twice (RFC 6750 section 2).",
        "x-example": f'{BEARER}, error="invalid_request"',
    }
}

AN_ETAG = '"8d5c0fdd3a1c6f8a4f6e1b7e"'
# The middle of three pages, which has all links.
PAGES = 3
A_PAGE: dict[str, Target] = {
    "first": {"offset": 0},
    "prev": {"offset": 0},
    "next": {"offset": 2},
    "last": {"offset": PAGES - 1},
}
OF_A_LIST: Headers = {
    "X-Total-Count": {
        "type": "integer",
        "format": "int64",
        "minimum": 0,
        "description": "How many objects there are on all pages, if counted.",
        "x-example": PAGES,
    },
    "Preference-Applied": {
        "type": "string",
        "description": "How the objects were counted, if `Prefer` asked for it.",
        "x-example": "count=exact",
    },
}


def header(name: str, example: Json) -> Fragment:
    return {**text_header(TEXTS[name]), "x-example": example}


def text_header(description: str) -> Fragment:
    return {"type": "string", "description": description}


def with_headers(
    answer: Fragment, always: Headers, sometimes: Headers = NOTHING
) -> Fragment:
    """Add optional headers to a response; existing ones are always sent.

    Swagger 2.0 can't say that a header is required: ``x-required`` does.
    """
    declared = answer.get("headers", {})
    required = {
        name: {**always.get(name, {}), **declared.get(name, {}), "x-required": True}
        for name in {**declared, **always}
    }
    headers = {**sometimes, **required}
    return {**answer, "headers": headers} if headers else answer


def of_success(operation: Operation, status: str, answer: Fragment) -> Headers:
    """Return the headers that every successful response has."""
    examples: dict[str, Json] = {}
    if operation.method == "OPTIONS":
        examples["Allow"] = ", ".join([*operation.service.methods, "OPTIONS"])
    elif "Link" in answer.get("headers", ()):
        examples["Link"] = link_header(operation.example_url, 1, (), A_PAGE)
    elif status == "201" and (made := created_by(operation, answer)) is not None:
        examples["Location"] = f"{operation.example_url}{made.key_example}"
    elif status == "304" or operation.shows_object(status):
        examples["ETag"] = AN_ETAG
    if "schema" in answer or status == "304":
        examples["Cache-Control"] = operation.caching
    return {name: header(name, example) for name, example in examples.items()}


def created_by(operation: Operation, answer: Fragment) -> type[Item[Any]] | None:
    """Return the class of the object that is created in a collection."""
    node = operation.classes[0]
    is_single = answer.get("schema", {}).get("type") != "array"
    return node.item if is_single and issubclass(node, Collection) else None


def of_some(operation: Operation) -> Headers:
    """Return the headers that some successful responses have."""
    if operation.is_list:
        return OF_A_LIST
    types = operation.service.accept_patch
    if operation.method != "OPTIONS" or not types:
        return NOTHING
    text = "The accepted media types, if the caller may patch (RFC 5789 section 3.1)."
    return {"Accept-Patch": {**text_header(text), "x-example": types}}


def of_failure(errors: list[ApiError]) -> tuple[Headers, Headers]:
    """Return the headers of all errors with a status, and those of some."""
    of_each = [dict(error.headers) for error in errors]
    examples = {k: v for each in reversed(of_each) for k, v in each.items()}
    common = {name for name in examples if all(name in each for each in of_each)}
    always = {name: header(name, examples[name]) for name in examples if name in common}
    sometimes = {
        name: {**text_header(AT_TIMES[name]), "x-example": example}
        for name, example in examples.items()
        if name not in common
    }
    return always, TWICE if errors[0].status == 400 else sometimes
