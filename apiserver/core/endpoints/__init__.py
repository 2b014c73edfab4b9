"""An endpoint is declared once: permission, input, view, response."""

from apiserver.core.endpoints.files import (
    MEBIBYTE,
    PIECE,
    Content,
    attachment,
    content,
    returns_content,
    send_file,
)
from apiserver.core.endpoints.inputs import request_schema
from apiserver.core.endpoints.outputs import ResponseSchema
from apiserver.core.endpoints.request import Request
from apiserver.core.endpoints.services import ApiService, outside_prefix, services_of

__all__ = [
    "MEBIBYTE",
    "PIECE",
    "ApiService",
    "Content",
    "Request",
    "ResponseSchema",
    "attachment",
    "content",
    "outside_prefix",
    "request_schema",
    "returns_content",
    "send_file",
    "services_of",
]
