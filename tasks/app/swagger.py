"""The API document, and what is generated from it."""

import sys

import orjson
from invoke.collection import Collection
from invoke.context import Context

from tasks import console
from tasks.app.codegen import codegen, document_of
from tasks.client_document import Document
from tasks.declaring import task
from tasks.openapi30 import VERSION as OLDER
from tasks.openapi30 import to_openapi30

NEWEST = "3.1.0"


def document(ini: str, *, openapi: str = "", for_clients: bool = False) -> bytes:
    """Return an application's document as JSON: Swagger 2.0 or later OpenAPI.

    With ``for_clients`` it is the one to generate clients from, by default OpenAPI 3.1.
    """
    if for_clients:
        return as_json(in_version(openapi, document_of(ini)))
    with console.application(ini) as registry:
        swagger = console.own_document(registry)
    if openapi:
        convert = console.load("apiserver.core.openapi.openapi31:to_openapi31")
        return as_json(in_version(openapi, convert(swagger)))
    return as_json(swagger)


def in_version(openapi: str, made: Document) -> Document:
    """Convert an OpenAPI 3.1 document to the requested version."""
    return to_openapi30(made) if openapi == OLDER else made


def as_json(made: Document) -> bytes:
    return orjson.dumps(made, option=orjson.OPT_INDENT_2)


@task(
    default=True,
    optional=("openapi",),
    help={
        "ini": console.INI,
        "openapi": f"Print OpenAPI {NEWEST}, not Swagger 2.0; or --openapi={OLDER}.",
        "for-clients": "Print OpenAPI in the form that suits client generators.",
    },
)
def export(
    context: Context,
    ini: str = console.DEVELOPMENT,
    openapi: str | bool = "",
    for_clients: bool = False,
) -> None:
    """Print the API document as JSON."""
    # Without a value the option is True.
    version = NEWEST if openapi is True else str(openapi or "")
    if version:
        console.choose("version of OpenAPI", version, (NEWEST, OLDER))
    printed = document(ini, openapi=version, for_clients=for_clients)
    sys.stdout.write(printed.decode() + "\n")


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection("swagger", export, codegen)
