"""The document of the API, and what is made of it."""

import sys

import orjson
from invoke.collection import Collection
from invoke.context import Context

from tasks import console
from tasks.app.codegen import codegen
from tasks.declaring import task


def document(ini: str, *, openapi: bool = False) -> bytes:
    """Return the document of an application as JSON: Swagger 2.0, or OpenAPI 3.1."""
    with console.application(ini) as registry:
        swagger = registry.swagger
    if openapi:
        swagger = console.load("apiserver.core.openapi.openapi31:to_openapi31")(swagger)
    return orjson.dumps(swagger, option=orjson.OPT_INDENT_2)


@task(
    default=True,
    help={
        "ini": console.INI,
        "openapi": "OpenAPI 3.1 instead of Swagger 2.0.",
    },
)
def export(
    context: Context, ini: str = console.DEVELOPMENT, openapi: bool = False
) -> None:
    """Print the API document as JSON."""
    sys.stdout.write(document(ini, openapi=openapi).decode() + "\n")


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection("swagger", export, codegen)
