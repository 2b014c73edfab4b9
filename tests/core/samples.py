"""A feature that answers what it was sent: fields of every type, at ``/samples/``."""

from types import SimpleNamespace
from typing import Any

import colander
from pyramid.authorization import Allow
from pyramid.config import Configurator

from apiserver.core.endpoints import ApiService, ResponseSchema
from apiserver.core.schemas import Choice, Email, Flag, List, Object, Text, Whole
from apiserver.core.tree import ANYONE, Permission, Resource


class SamplePermission(Permission):
    SEND = ("sample:send", None, "Send samples.")


class SampleCollection(Resource):
    __acl__ = [(Allow, ANYONE, [SamplePermission.SEND])]


class Inner(Object):
    word = Text(1, 5)


class Sample(Object):
    text = Text(2, 5, missing=None)
    email = Email(missing=None)
    number = Whole(-5, 10, missing=None)
    flag = Flag(missing=None)
    choice = Choice("red", "green", missing=None)
    words = List(Text(1, 5), longest=2, missing=None)
    numbers = List(Whole(0, 9), missing=None)
    inner = Inner(missing=None)
    inners = List(Inner(), missing=None)


class Strict(Object):
    required = Text(1, 5)


class Anything(colander.SchemaNode):
    """Any JSON value, as it is."""

    schema_type = colander.SchemaType


class Query(Object):
    number = Whole(0, 2**62, missing=7)
    flag = Flag(missing=None)
    text = Text(1, 5, missing=None)


def samples(config: Configurator) -> None:
    collection = ApiService("samples", "/samples/")
    strict = ApiService("strict", "/samples/strict")
    declaration = {
        "permission": SamplePermission.SEND,
        "response_schemas": {"200": ResponseSchema("What was sent.", Anything())},
    }

    @collection.post(takes=Sample, **declaration)
    def send_sample(request: Any) -> Any:
        """Send a sample."""
        sent = request.validated["body"]
        return {name: value for name, value in sent.items() if value is not None}

    @strict.post(takes=Strict, **declaration)
    def send_strict(request: Any) -> Any:
        """Send what is required."""
        return request.validated["body"]

    @collection.get(takes=Query, **declaration)
    def ask_for_samples(request: Any) -> Any:
        """Ask for samples."""
        return request.validated["querystring"]

    echoes = ApiService("echoes", "/samples/echoes/")

    @echoes.post(permission=SamplePermission.SEND, takes=Strict, returns=Strict)
    def make_echo(request: Any) -> Any:
        """Make what is at no place of its own."""
        return SimpleNamespace(**request.validated["body"])

    SampleCollection.children = {"strict": SampleCollection, "echoes": SampleCollection}
    config.add_node("samples", SampleCollection)
    config.add_cornice_service(collection)
    config.add_cornice_service(strict)
    config.add_cornice_service(echoes)
