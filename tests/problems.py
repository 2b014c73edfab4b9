"""The documents of errors, as tests expect them whole (RFC 9457)."""

from http import HTTPStatus
from typing import Any
from unittest.mock import ANY

# Those of RFC 9110 that Python 3.11 has in the words of its predecessors.
PHRASES = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


def phrase(status: int) -> str:
    return PHRASES.get(status, HTTPStatus(status).phrase)


def problem(status: int, detail: str = ANY, **members: Any) -> dict[str, Any]:
    """Return the problem document of a status."""
    return {
        "type": "about:blank",
        "title": phrase(status),
        "status": status,
        "detail": detail,
        "request_id": ANY,
        **members,
    }


def invalid(location: str = "body", **descriptions: str) -> dict[str, Any]:
    """Return the document of a 422 that blames the fields."""
    errors = [
        {"location": location, "name": name, "description": description}
        for name, description in descriptions.items()
    ]
    return problem(422, "Some values are invalid.", errors=errors)


def conflict(detail: str, name: str) -> dict[str, Any]:
    """Return the document of a 409 that blames a field."""
    error = {"location": "body", "name": name, "description": detail}
    return problem(409, detail, errors=[error])
