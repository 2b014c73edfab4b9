"""Generates the OpenAPI document from the declarations that are enforced.

No feature imports it.
"""

from apiserver.core.openapi.documents import own_document
from apiserver.core.openapi.extensions import GLOBAL_ROLES
from apiserver.core.openapi.failures import refused_value
from apiserver.core.openapi.generator import Parameters, SchemaConverter, generate
from apiserver.core.openapi.openapi31 import json_schema, security, to_openapi31
from apiserver.core.openapi.schemas import sample

__all__ = [
    "GLOBAL_ROLES",
    "Parameters",
    "SchemaConverter",
    "generate",
    "json_schema",
    "own_document",
    "refused_value",
    "sample",
    "security",
    "to_openapi31",
]
