"""The document of the API, and what is made of it."""

import sys

import orjson
from invoke.collection import Collection
from invoke.context import Context

from tasks import console
from tasks.app.codegen import codegen, document_of
from tasks.client_document import Document
from tasks.declaring import task


def document(ini: str, *, openapi: bool = False, for_clients: bool = False) -> bytes:
    """Return the document of an application as JSON: Swagger 2.0, or OpenAPI 3.1.

    ``for_clients`` is the OpenAPI 3.1 one that clients are generated from.
    """
    if for_clients:
        return as_json(document_of(ini))
    with console.application(ini) as registry:
        swagger = registry.swagger
    if openapi:
        swagger = console.load("apiserver.core.openapi.openapi31:to_openapi31")(swagger)
    return as_json(swagger)


def as_json(made: Document) -> bytes:
    return orjson.dumps(made, option=orjson.OPT_INDENT_2)


@task(
    default=True,
    help={
        "ini": console.INI,
        "openapi": "OpenAPI 3.1 instead of Swagger 2.0.",
        "for-clients": "OpenAPI 3.1 as generators of clients read it best.",
    },
)
def export(
    context: Context,
    ini: str = console.DEVELOPMENT,
    openapi: bool = False,
    for_clients: bool = False,
) -> None:
    """Print the API document as JSON."""
    printed = document(ini, openapi=openapi, for_clients=for_clients)
    sys.stdout.write(printed.decode() + "\n")


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection("swagger", export, codegen)
