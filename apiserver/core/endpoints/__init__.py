"""An endpoint is declared once: permission, input, view, response."""

from apiserver.core.endpoints.bulk import in_bulk
from apiserver.core.endpoints.files import (
    MEBIBYTE,
    Content,
    content,
    returns_content,
    send_file,
)
from apiserver.core.endpoints.outputs import ResponseSchema
from apiserver.core.endpoints.request import Request
from apiserver.core.endpoints.services import ApiService, outside_prefix

__all__ = [
    "MEBIBYTE",
    "ApiService",
    "Content",
    "Request",
    "ResponseSchema",
    "content",
    "in_bulk",
    "outside_prefix",
    "returns_content",
    "send_file",
]
