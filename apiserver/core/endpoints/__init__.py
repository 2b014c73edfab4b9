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
from apiserver.core.endpoints.inputs import (
    ResponseSchema,
    body,
    json_patch,
    querystring,
    returns,
    returns_nothing,
    returns_page,
)
from apiserver.core.endpoints.rendering import created
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
    "body",
    "content",
    "created",
    "json_patch",
    "outside_prefix",
    "querystring",
    "returns",
    "returns_content",
    "returns_nothing",
    "returns_page",
    "send_file",
    "services_of",
]
