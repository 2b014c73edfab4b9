"""Runs schemathesis, and says what it has found."""

import json
from collections.abc import Iterator
from contextlib import closing, nullcontext
from io import BytesIO
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.openapi import from_wsgi
from schemathesis.specs.openapi.checks import content_type_conformance
from urllib3 import encode_multipart_formdata

from apiserver.core.http import FORM, MULTIPART

SEED = 5789
FORMS = {FORM, MULTIPART}

# What the document says for all operations, or can't say more exactly: `format: email`
# is of any domain, and the normal form of a name may be longer than the name.
GENERAL = {
    "Must not contain control characters.",
    "Must not contain invisible characters.",
    "Must not be only whitespace.",
    "Must not begin or end with whitespace.",
    "Must be an email address.",
    "Is too long in its normal form.",
    # Where any JSON is taken: Swagger 2.0 knows no null; and in a form a text is sent
    # without quotes, and a list as a field that is given more than once.
    "Must not be null.",
    "Must be JSON.",
    "Is given more than once.",
    # The description of the field says more.
    "Must name each column once.",
    "Must consist of letters, digits, punctuation, and single spaces between them.",
    "Must use one script, and digits of one kind.",
    "Must be an https URI without a fragment, or a loopback URI.",
}

# 422 besides what schemathesis itself takes for an answer to valid data: some rules no
# schema can say, as that a password is hard to guess, and a JSON Patch may have any
# value: `documented_refusal` checks what is refused. And 412, since no schema can say
# which version an object has.
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429", "5xx"]


def config(examples: int, headers: dict[str, str]) -> SchemathesisConfig:
    """Return the settings: all checks, all phases."""
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "headers": headers,
            "continue-on-failure": True,
            # Each run is to be the same.
            "cache": {"enabled": False},
            "generation": {"max-examples": examples, "database": "none"},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ACCEPTED},
                # It wants all methods that are documented; here Allow names those that
                # the caller may use: `documented_methods`.
                "allow_header_conformance": {"enabled": False},
                # It wants a media type also of 204, since in Swagger 2.0 they are the
                # same for all answers: `media_type_of_body`.
                "content_type_conformance": {"enabled": False},
            },
        }
    )


@schemathesis.check
def documented_methods(ctx: Any, response: Any, case: Any) -> None:
    """No method is allowed that isn't in the document; HEAD goes without saying."""
    allowed = {
        m for each in response.headers.get("allow", []) for m in each.split(", ")
    }
    methods = {method.upper() for method in case.operation.schema[case.path]}
    assert allowed <= {*methods, "HEAD"}, f"Allow: {allowed}"


@schemathesis.check
def media_type_of_body(ctx: Any, response: Any, case: Any) -> None:
    """A body has a media type that is documented."""
    if response.content:
        content_type_conformance(ctx, response, case)


@schemathesis.check
def documented_refusal(ctx: Any, response: Any, case: Any) -> None:
    """Of valid data is refused only what the document says or shows by an example."""
    is_valid = case.meta is None or case.meta.generation.mode.is_positive
    is_valid = is_valid and not has_null_in_form(case)
    if response.status_code != 422 or not is_valid or case.method == "PATCH":
        return
    shown = case.operation.definition.raw["responses"]["422"]
    documented = {error["description"] for error in errors_in(shown)} | GENERAL
    undocumented = {each["description"] for each in response.json()["errors"]}
    assert undocumented <= documented, f"Not in the document: {undocumented}"


def has_null_in_form(case: Any) -> bool:
    """Whether null is sent in a form, where it becomes the word."""
    fields = case.body.values() if isinstance(case.body, dict) else ()
    return case.media_type in FORMS and None in fields


def errors_in(value: Any) -> list[dict[str, str]]:
    """Return the errors of all examples of an answer."""
    if isinstance(value, list):
        return [error for each in value for error in errors_in(each)]
    if not isinstance(value, dict):
        return []
    found = [error for each in value.values() for error in errors_in(each)]
    return [*value.get("errors", []), *found]


def as_clients_send(app: Any) -> Any:
    """Mend what the transport does to requests, and clients don't.

    It leaves semicolons in queries unquoted, which WebOb takes for separators, sends
    examples of multipart forms as JSON without a boundary, and closes no answers.
    """

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        query = environ.get("QUERY_STRING", "").replace(";", "%3B")
        mended = {**environ, "QUERY_STRING": query}
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ.get("CONTENT_TYPE") == MULTIPART and body.startswith(b"{"):
            body, mended["CONTENT_TYPE"] = multipart(json.loads(body))
            mended["CONTENT_LENGTH"] = str(len(body))
        mended["wsgi.input"] = BytesIO(body)
        answer = app(mended, start_response)
        with closing(answer) if hasattr(answer, "close") else nullcontext():
            return [*answer]

    return application


def multipart(fields: dict[str, Any]) -> tuple[bytes, str]:
    """Return a form, and its media type with the boundary."""
    return encode_multipart_formdata(
        {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in fields.items()
        }
    )


def findings(path: str, app: Any, settings: SchemathesisConfig) -> list[str]:
    """Test an application by its document at the path; return what is wrong."""
    found: dict[str, str] = {}
    for event in from_schema(
        from_wsgi(path, as_clients_send(app), config=settings)
    ).execute():
        for label, text in problems(event):
            found.setdefault(label, text)
    return [f"{label}\n{text}" for label, text in found.items()]


def problems(event: Any) -> Iterator[tuple[str, str]]:
    """Yield what an event says of a failure: a label, and how to see it again."""
    if isinstance(event, events.FatalError):
        raise event.exception
    if isinstance(event, events.NonFatalError):
        yield f"{event.label}: error", str(event.value)
    if isinstance(event, events.ScenarioFinished):
        for sent, check in sent_checks(event.recorder):
            if check.status == Status.FAILURE and not is_artefact(sent, check):
                failure = check.failure_info.failure
                label = f"{event.recorder.label}: {check.name}: {failure.title}"
                yield label, f"{failure.message}\n{check.failure_info.code_sample}"


def sent_checks(recorder: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each check with the request that it is about."""
    for case_id, checks in recorder.checks.items():
        interaction = recorder.interactions.get(case_id)
        for check in checks:
            yield interaction.request if interaction else None, check


def is_artefact(sent: Any, check: Any) -> bool:
    """Whether a failure is none of the server.

    Of a form the WSGI transport may send less than it reports, nothing at all for some
    fields that nobody knows, and each value as text, whatever it was; that those are
    refused is in `tests/auth/test_redirects.py`, and that good ones are taken, as
    multipart too, in `tests/core/test_forms.py`. A URL with NUL is answered with 400,
    as the document says for all operations, whatever a parameter may be. And 404 of a
    new member is about the user whom the body names.
    """
    if check.name == "positive_data_acceptance":
        return sent is not None and (
            "%00" in sent.uri or MULTIPART in str(sent.headers)
        )
    if check.name == "negative_data_rejection":
        return any(form in str(sent and sent.headers) for form in FORMS)
    return (
        check.name == "ensure_resource_availability"
        and "with: `POST /teams/{team_id}/members/`"
        in check.failure_info.failure.message
    )
