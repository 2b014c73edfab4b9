"""The contract: every answer is what the application's own document says of it.

The document is the one that is sent to anyone, and nothing else is known of the
application. ``Client`` hands every answer to the contract.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import orjson

from tests.contract.answers import Answer
from tests.contract.outside import PROBLEM, outside
from tests.contract.requests import Accepted
from tests.contract.schemas import Schemas

# Methods, which are in capitals, with the operations that speak of them.
METHODS = {
    "HEAD": "get",
    **{m.upper(): m for m in ("get", "post", "put", "patch", "delete", "options")},
}


class Deviation(AssertionError):
    """The answer is not what the document says."""


class Contract:
    """What the OpenAPI 3.1 document of one application promises."""

    def __init__(self, document: dict[str, Any], prefix: str) -> None:
        self.document = document
        self.prefix = prefix
        components = document["components"]["schemas"]
        self.taken, self.answered = (
            Schemas(components),
            Schemas(components, closed=True),
        )
        # /users/me before /users/{user_id}
        paths = sorted(document["paths"], key=lambda path: path.count("{"))
        self.paths = [
            (re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in paths
        ]
        self.answer = cache(self.compile_answer)
        self.accepted = cache(self.compile_request)

    def compile_answer(self, path: str, method: str, status: str) -> Answer | None:
        """Return what is documented of a status, if that is; "" is no operation."""
        answers = self.document["x-responses"]
        if path:
            answers = self.document["paths"][path][method]["responses"]
        if status not in answers:
            return None
        return Answer(answers[status], self.document["x-headers"], self.answered)

    def compile_request(self, path: str, method: str) -> Accepted:
        return Accepted(self.document["paths"][path][method], self.taken)

    def path_of(self, path: str) -> str:
        """Return the documented path that a URL's path is one of, or nothing."""
        if not path.startswith(self.prefix):
            return ""
        rest = path.removeprefix(self.prefix)
        return next((name for p, name in self.paths if p.fullmatch(rest)), "")

    def check(self, request: Any, response: Any) -> None:
        """Raise Deviation if the answer is another one than the document says."""
        deviations = list(self.deviations(request, response))
        if deviations:
            asked = f"{request.method} {request.path_qs}"
            lines = "\n".join(f"  * {deviation}" for deviation in deviations)
            raise Deviation(
                f"The answer {response.status} to {asked} "
                f"is not what the document says:\n{lines}"
            )

    def deviations(self, request: Any, response: Any) -> Iterator[str]:
        path = self.path_of(request.environ["PATH_INFO"])
        method = METHODS.get(request.method, "")
        if is_preflight(request) or method not in self.document["paths"].get(path, ()):
            place = outside(request.environ["PATH_INFO"])
            if place and not is_preflight(request):
                yield from self.beyond(place, response)
                return
            path, method = "", ""
        answer = self.answer(path, method, str(response.status_int))
        if answer is None:
            yield "the status is not documented"
        else:
            head = request.method == "HEAD" or response.status_int == 304
            yield from answer.deviations(response, head=head)
        if path and response.status_int < 300:
            for deviation in self.accepted(path, method).deviations(request):
                yield f"accepted, though {deviation}"

    def beyond(self, place: Any, response: Any) -> Iterator[str]:
        """Yield what is wrong with an answer of which no document speaks."""
        if response.content_type == PROBLEM:
            known = self.answer("", "", str(response.status_int))
            known = known or self.answer("", "", "404")
            if known and response.body:
                yield from known.in_body(response)
        elif response.body and response.content_type not in place.media_types:
            yield f"is {response.content_type}, and not {place.media_types}"


def is_preflight(request: Any) -> bool:
    """Whether it is a CORS preflight request (the Fetch standard, section 4.8)."""
    return (
        request.method == "OPTIONS"
        and "Access-Control-Request-Method" in request.headers
    )


def contract_of(app: Any, prefix: str) -> Contract:
    """Return the contract of an application, from the document that it serves.

    It isn't asked for over HTTP, since that would be counted, logged and limited.
    """
    document, _ = app.registry.documents_at("")["openapi_json"].variants["identity"]
    return read_contract(document, prefix)


@lru_cache
def read_contract(document: bytes, prefix: str) -> Contract:
    """Return the contract; applications that are the same have the same one."""
    return Contract(orjson.loads(document), prefix)
