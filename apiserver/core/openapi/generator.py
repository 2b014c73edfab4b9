"""The Swagger 2.0 document, from the declarations that are enforced.

cornice-swagger walks the services; its gaps and errors are corrected here. The only
module that uses cornice-swagger.
"""

from collections.abc import Mapping

import colander
from cornice_swagger import CorniceSwagger
from cornice_swagger.converters import TypeConversionDispatcher
from cornice_swagger.swagger import ParameterHandler, ResponseHandler
from pyramid.exceptions import ConfigurationError

from apiserver.core.endpoints.outputs import ResponseSchema
from apiserver.core.endpoints.services import ApiService, services_of
from apiserver.core.http.response import PROBLEMS
from apiserver.core.openapi.bodies import BINARY, body_parameters
from apiserver.core.openapi.descriptions import describe, flowing, tag_description
from apiserver.core.openapi.extensions import extensions
from apiserver.core.openapi.operations import (
    Operation,
    key_parameters,
    operations_of,
    path_of,
    tag_of,
)
from apiserver.core.openapi.parameters import complete_parameters, exclusive
from apiserver.core.openapi.responses import outcomes
from apiserver.core.openapi.schemas import (
    any_value,
    in_order,
    is_named,
    names_in,
    refine,
    sample,
    with_extension,
)
from apiserver.core.openapi.sign_in import flows_of
from apiserver.core.registry import Registry
from apiserver.core.tree.traversal import classes_at
from apiserver.core.typing import Fragment

# Members of one use of a schema, not of the schema itself.
OF_THE_USE = ("description", "default", "example", "x-nullable")


class SchemaConverter(TypeConversionDispatcher):
    """Turns Colander nodes into Swagger schemas; schema classes become definitions.

    An unknown type is converted like its nearest known base, or else as any value.
    ``taken`` has the names of the definitions in requests.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.definitions: dict[str, Fragment] = {}
        self.taken: set[str] = set()

    def __call__(self, node: colander.SchemaNode) -> Fragment:
        known = [base for base in type(node.typ).__mro__ if base in self.converters]
        converted = self.converters[known[0]](self)(node) if known else any_value(node)
        schema = refine(node, converted)
        return self.refer(node, schema) if is_named(node) else schema

    def refer(self, node: colander.SchemaNode, schema: Fragment) -> Fragment:
        """Return a reference to the definition, with the members of this use."""
        use = {key: schema.pop(key) for key in OF_THE_USE if key in schema}
        about = flowing(type(node).__doc__)
        if about:
            schema["description"] = about
        reference = self.define(type(node).__name__, schema)
        return {**use, "allOf": [reference]} if use else reference

    def define(self, name: str, schema: Fragment) -> Fragment:
        """Add a definition and return the reference to it."""
        if self.definitions.setdefault(name, schema) != schema:
            raise ConfigurationError(f"Two different schemas are named {name}.")
        return {"$ref": f"#/definitions/{name}"}

    def take(self, node: colander.SchemaNode) -> Fragment:
        """Convert a node in a request, where unknown fields are rejected."""
        self.taken.update(names_in(node))
        return self(node)

    def complete_definitions(self) -> dict[str, Fragment]:
        """Return the definitions, by name."""
        for name in self.taken:
            schema = self.definitions[name]
            schema["additionalProperties"] = False
            schema["example"] = sample(schema, self.definitions)
        return dict(sorted(self.definitions.items()))


class Parameters(ParameterHandler):
    """The parameters of operations."""

    def from_schema(self, request_schema: colander.SchemaNode) -> list[Fragment]:
        others = [
            with_extension(self.parameter(location.name, node))
            for location in request_schema.children
            if location.name != "body"
            for node in location.children
        ]
        return [*body_parameters(request_schema, self.type_converter), *others]

    def parameter(self, location: str, node: colander.SchemaNode) -> Fragment:
        """Convert a parameter; for a list also its items and format."""
        converted: Fragment = self.parameter_converter(location, node)
        if converted.get("type") == "array":
            item = self.type_converter(node.children[0])
            if "example" in item:
                converted.setdefault("example", [item.pop("example")])
            converted["items"] = item
            converted["collectionFormat"] = getattr(node, "collection_format", "multi")
        return converted


class Answers(ResponseHandler):
    """The successful responses of operations."""

    def from_schema_mapping(
        self, schema_mapping: Mapping[str, ResponseSchema]
    ) -> Fragment:
        return {
            status: self.answer(schema) for status, schema in schema_mapping.items()
        }

    def answer(self, schema: ResponseSchema) -> Fragment:
        answer: Fragment = {"description": schema.description}
        if schema.media_types:
            answer["schema"] = dict(BINARY)
            answer["x-content"] = list(schema.media_types)
        for node in schema.children:
            answer["schema"] = self.type_converter(node)
        if schema.headers:
            answer["headers"] = {
                name: with_extension(self.type_converter(node))
                for name, node in schema.headers.items()
            }
        return answer


class Generator(CorniceSwagger):
    """Generates the document of one application."""

    type_converter = SchemaConverter
    parameters = Parameters
    responses = Answers
    ignore_methods = ("HEAD",)

    def __init__(self, registry: Registry, script_name: str) -> None:
        super().__init__(sorted(services_of(registry), key=lambda s: s.path))
        self.registry = registry
        self.base_path = script_name + registry.api_prefix
        self.flows = flows_of(registry, script_name)
        self.schemas = self.definitions.type_converter

    def default_tags(self, service: ApiService, method: str) -> list[str]:
        return [tag_of(service, self.registry.tree)]

    def _extract_path_from_service(self, service: ApiService) -> tuple[str, Fragment]:
        path = path_of(service)
        keys = key_parameters(path, classes_at(self.registry.tree, service.path))
        return path, {"parameters": keys} if keys else {}

    def _extract_transform_colander_schema(
        self, args: Mapping[str, colander.SchemaNode]
    ) -> colander.SchemaNode:
        """Return the schema itself, which isn't changed here."""
        return args["schema"]

    def _build_paths(self) -> tuple[Fragment, list[Fragment]]:
        paths, _ = super()._build_paths()
        tags = {}
        for service in self.services:
            path, _ = self._extract_path_from_service(service)
            for operation in operations_of(service, self.registry, self.base_path):
                self.complete(paths[path][operation.method.lower()], operation)
            paths[path] = in_order(paths[path])
            tag = tag_of(service, self.registry.tree)
            tags[tag] = tag_description(service, tag)
        return paths, [{"name": tag, "description": tags[tag]} for tag in tags]

    def complete(self, documented: Fragment, operation: Operation) -> None:
        """Add to an operation who may call it, and all its responses."""
        declared = documented.get("parameters", [])
        if parameters := complete_parameters(operation, declared):
            documented["parameters"] = parameters
        documented.update(exclusive(operation))
        documented["responses"] = outcomes(
            operation, documented["responses"], self.schemas.definitions
        )
        documented.update(describe(operation, self.flows))


def generate(
    registry: Registry, info: Mapping[str, str], script_name: str = ""
) -> Fragment:
    """Return the document of a completely configured application.

    ``info`` has title, version and description; it is mounted at ``script_name``.
    """
    generator = Generator(registry, script_name)
    generator.schemas.definitions.update(PROBLEMS)
    document: Fragment = generator.generate(
        title=info["title"],
        version=info["version"],
        info=dict(info),
        base_path=generator.base_path,
        swagger={"securityDefinitions": generator.flows, "tags": [], "paths": {}},
    )
    document["definitions"] = generator.schemas.complete_definitions()
    document.update(extensions(registry))
    return document
