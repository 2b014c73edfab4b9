"""What the pages of second factors share: policies, and codes that are shown once."""

from collections.abc import Iterable
from typing import Any

import orjson

from apiserver.auth.browser import LEADING_ON, page
from apiserver.core.audit import record
from apiserver.core.endpoints import Request
from apiserver.core.http import Header, Response
from apiserver.core.typing import Json, Row
from apiserver.factors.proofs import Proof

TEMPLATES = "apiserver.factors:templates/"
# Passkeys need a script, which is served from here and may fetch options from here.
SCRIPTED = f"{LEADING_ON}; script-src 'self'; connect-src 'self'"
SCRIPTED_STAYING = f"{SCRIPTED}; form-action 'self'"


def written(options: Json) -> str:
    """Return a passkey's options as a form's attribute."""
    return orjson.dumps(options).decode()


def record_use(request: Request, user: Row, proof: Proof) -> None:
    """Record in the audit log which factor a user has signed in with."""
    record(
        request,
        "factor_used",
        actor_id=user.id,
        target=proof.target,
        fields=proof.fields,
    )


def cookies_of(response: Response) -> list[Header]:
    return [pair for pair in response.headerlist if pair[0] == "Set-Cookie"]


def instead_of(
    response: Response,
    request: Request,
    template: str,
    *headers: Header,
    **values: Any,
) -> Response:
    """Show a page before the browser goes where the response redirects."""
    return page(
        request,
        TEMPLATES + template,
        *cookies_of(response),
        *headers,
        next=response.location,
        **values,
    )


def with_headers(response: Response, headers: Iterable[Header]) -> Response:
    response.headerlist = [*response.headerlist, *headers]
    return response
