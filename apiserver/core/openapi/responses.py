"""All responses of an operation, with headers and examples."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from apiserver.core.http.bodies import JSON
from apiserver.core.http.errors import ApiError
from apiserver.core.http.response import PROBLEM, PROBLEM_SCHEMA, problem_document
from apiserver.core.openapi.failures import failures
from apiserver.core.openapi.headers import (
    of_failure,
    of_some,
    of_success,
    text_header,
    with_headers,
)
from apiserver.core.openapi.operations import Operation
from apiserver.core.openapi.schemas import sample
from apiserver.core.typing import Fragment, Json

# Descriptions where the errors' own messages would be incomplete.
TEXTS = {
    400: "The request is malformed.",
    401: "The access token is missing or invalid.",
    412: "The object is not the version that `If-Match` names; nothing was changed.",
    413: "The body is too long.",
    415: "The media type of the body is not supported.",
    416: "The file has no such bytes; `Content-Range` says how many it has.",
    422: "Some values are invalid; `errors` lists them.",
    429: "Too many requests; try again later.",
    503: "The request can't be served right now.",
}
CHANGED = "The file is not the version that the request asks for."
PART = "The part of the file that `Range` names."
UNCHANGED = "The file is still the version that the request names."
PUBLIC = "The access token is invalid; none is required."

REQUEST_ID = PROBLEM_SCHEMA["properties"]["request_id"]["example"]


def outcomes(
    operation: Operation,
    successes: dict[str, Fragment],
    definitions: Mapping[str, Fragment],
) -> dict[str, Fragment]:
    """Return the Responses Object, ordered by status."""
    declared = dict(successes)
    if operation.reads_item:
        text = "The object is still the version that `If-None-Match` names."
        declared["304"] = {"description": text}
    if operation.creates is not None:
        replaced = declared.get("200") or declared["204"]
        declared["201"] = {**replaced, "description": "The object was created."}
    if operation.sends_file:
        declared |= parts(declared["200"])
    answers = {
        status: success(operation, status, answer, definitions)
        for status, answer in declared.items()
    }
    for status, errors in groupby(failures(operation), lambda error: error.status):
        said = PUBLIC if status == 401 and operation.is_public else TEXTS.get(status)
        said = CHANGED if status == 412 and operation.sends_file else said
        answers[str(status)] = failure(list(errors), said)
    return dict(sorted(answers.items()))


def parts(whole: Fragment) -> dict[str, Fragment]:
    """Return the responses with ranges of a file, if the operation sends one."""
    headers = whole["headers"]
    bytes_ = text_header("Which bytes, and of how many.")
    place = {"Content-Range": {**bytes_, "x-example": "bytes 0-1023/4096"}}
    known = {name: headers[name] for name in ("ETag", "Last-Modified")}
    return {
        "206": {**whole, "description": PART, "headers": {**headers, **place}},
        "304": {"description": UNCHANGED, "headers": known},
    }


def success(
    operation: Operation,
    status: str,
    answer: Fragment,
    definitions: Mapping[str, Fragment],
) -> Fragment:
    """Complete the declared response."""
    headers = of_success(operation, status, answer)
    if "schema" in answer and "x-content" not in answer:
        example = sample(answer["schema"], definitions)
        answer = {**answer, "examples": {JSON: example}}
    return with_headers(answer, headers, of_some(operation))


def failure(errors: list[ApiError], text: str | None = None) -> Fragment:
    """Return the response for errors of one status, described by them or the text."""
    bodies = {type(error).__name__: body_of(error) for error in errors}
    answer = {
        "description": text or sentences(error.detail for error in errors),
        "schema": {"$ref": "#/definitions/Problem"},
        "examples": {PROBLEM: next(iter(bodies.values()))},
    }
    if len(bodies) > 1:
        # Swagger allows only one of them.
        answer["x-examples"] = bodies
    return with_headers(answer, *of_failure(errors))


def body_of(error: ApiError) -> Json:
    return problem_document(error.status, error.detail, REQUEST_ID, error.members)


def sentences(details: Iterable[str]) -> str:
    """Return the message, or a list of several, in Markdown."""
    first, *others = dict.fromkeys(details)
    if not others:
        return first
    return "\n".join(["One of these:\n", *(f"* {each}" for each in (first, *others))])
