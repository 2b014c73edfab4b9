"""Everything that an operation can answer: its headers, and what can go wrong."""

from collections.abc import Iterator
from typing import Any

from apiserver.core.jsonpatch import PatchRequest
from apiserver.core.operations import Operation

Answer = dict[str, Any]

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "example": "about:blank"},
        "title": {"type": "string", "description": "The status, in words."},
        "status": {"type": "integer", "example": 400},
        "detail": {"type": "string", "description": "What went wrong, for people."},
        "request_id": {"type": "string", "description": "To be found in the logs."},
        "errors": {
            "type": "array",
            "description": "The values that are to blame.",
            "items": {
                "type": "object",
                "required": ["location", "name", "description"],
                "properties": {
                    "location": {
                        "type": "string",
                        "enum": ["body", "querystring", "header"],
                    },
                    "name": {"type": "string", "description": "As `members.0.id`."},
                    "description": {"type": "string"},
                },
            },
        },
    },
}

TEXTS = {
    400: "The request is not well-formed.",
    401: "There is no access token, or one that is not valid.",
    403: "The token lacks the scope, or the caller may not do this.",
    404: "There is no such object.",
    409: "A `test` of the patch failed; nothing was changed.",
    412: "The object is not the version that `If-Match` names; nothing was changed.",
    413: "The body is too long.",
    415: "The body is of another media type than those that are taken.",
    422: "Some values are not acceptable; `errors` names them.",
    429: "Too many requests; try again later.",
    503: "For the moment the request can't be served.",
}

CHALLENGE = {"WWW-Authenticate": "The challenge (RFC 6750 section 3)."}
RETRY = {"Retry-After": "After how many seconds to try again."}

HEADERS = {401: CHALLENGE, 403: CHALLENGE, 429: RETRY, 503: RETRY}

ETAG = {"ETag": "The version of the object."}


def conditions(operation: Operation) -> list[dict[str, Any]]:
    """Return the parameters by which a request depends on the object's version."""
    names = {}
    if reads_item(operation):
        names["If-None-Match"] = "An `ETag`: 304 if the object is that version still."
    if checks_version(operation):
        names["If-Match"] = "An `ETag`: 412 if the object is another version by now."
    return [
        {
            "name": name,
            "in": "header",
            "type": "string",
            "required": False,
            "description": description,
        }
        for name, description in names.items()
    ]


def outcomes(operation: Operation, successes: dict[str, Answer]) -> dict[str, Answer]:
    """Return the Responses Object, ordered by status."""
    answers = {
        status: with_headers(answer, success_headers(operation, status))
        for status, answer in successes.items()
    }
    if reads_item(operation):
        answers["304"] = with_headers(
            {"description": "The object is the version of `If-None-Match`."}, ETAG
        )
    declared = operation.arguments.get("errors", {})
    for status in {*possible(operation), *declared}:
        answers[str(status)] = error(operation, status, declared.get(status))
    return dict(sorted(answers.items()))


def possible(operation: Operation) -> Iterator[int]:
    """Yield the statuses of errors that don't depend on what the view does."""
    yield from (400, 401, 503)
    if operation.is_restricted:
        yield 403
    if "{" in operation.service.path:
        yield 404
    if isinstance(operation.schema, PatchRequest):
        yield 409
    if checks_version(operation):
        yield 412
    if operation.consumes:
        yield from (413, 415)
    if operation.schema is not None:
        yield 422


def error(operation: Operation, status: int, declared: str | None) -> Answer:
    """Return the answer for an error, in the view's own words where it has some."""
    text = declared or TEXTS.get(status, "The request can't be served.")
    headers = HEADERS.get(status, {})
    if status == 401 and operation.is_public:
        text = "The access token is not valid; none is needed."
    if status == 403 and not operation.scopes:
        text, headers = declared or "The caller may not do this.", {}
    elif status == 403 and declared:
        text = f"{declared} Or: {TEXTS[403]}"
    if status == 415:
        name = "Accept-Patch" if operation.method == "PATCH" else "Accept-Post"
        headers = {name: "The media types that are taken."}
    answer = {"description": text, "schema": {"$ref": "#/definitions/Problem"}}
    return with_headers(answer, headers)


def success_headers(operation: Operation, status: str) -> dict[str, str]:
    """Return the headers that come with each answer of its kind."""
    if operation.method == "OPTIONS":
        return {"Allow": "What the caller may use here, as `GET, HEAD, OPTIONS`."}
    if status == "201" and operation.service.path.endswith("/"):
        return {"Location": "The URL of the new object."}
    if status == "200" and operation.is_at_item:
        return ETAG
    return {}


def with_headers(answer: Answer, headers: dict[str, str]) -> Answer:
    """Add headers, which are text, to an answer."""
    if not headers:
        return answer
    described = {
        name: {"type": "string", "description": description}
        for name, description in headers.items()
    }
    return {**answer, "headers": {**answer.get("headers", {}), **described}}


def reads_item(operation: Operation) -> bool:
    """Whether the answer is a single object, which has a version."""
    return operation.is_at_item and operation.method == "GET"


def checks_version(operation: Operation) -> bool:
    """Whether ``If-Match`` is respected: where the version can be read by GET."""
    return (
        operation.is_at_item
        and operation.method not in {"GET", "OPTIONS"}
        and operation.service.representation is not None
    )
