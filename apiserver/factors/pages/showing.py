"""What the pages of second factors share: their policies, codes that are shown once."""

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
# A passkey needs a script, which is a file of this server and may ask it for options.
SCRIPTED = f"{LEADING_ON}; script-src 'self'; connect-src 'self'"
SCRIPTED_STAYING = f"{SCRIPTED}; form-action 'self'"


def written(options: Json) -> str:
    """Return the options of a passkey as the attribute of a form."""
    return orjson.dumps(options).decode()


def record_use(request: Request, user: Row, proof: Proof) -> None:
    """Tell the audit log by what a user has signed in."""
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
    """Show something before the browser goes where the response leads."""
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
