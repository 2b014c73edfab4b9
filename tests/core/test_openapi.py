"""The document as a whole: valid, and of its application alone."""

import re

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator

from apiserver.core.endpoints import ApiService, returns_nothing
from tests.core.things import ThingCollection, ThingPermission, do, things
from tests.settings import SHIPPED


def operations(document):
    return {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


class TestDocument:
    def test_is_valid(self, document):
        assert list(OpenAPIV2SpecValidator(document).iter_errors()) == []

    def test_names_the_api(self, document):
        assert document["swagger"] == "2.0"
        assert document["basePath"] == "/api/v1"
        assert {"host", "schemes"}.isdisjoint(document)
        assert document["info"]["title"] == "apiserver"
        assert re.fullmatch(r"\d+\.\d+\.\d+.*", document["info"]["version"])
        assert document["info"]["description"].startswith("Bodies are JSON; `PATCH`")

    def test_title_is_a_setting(self, make_core_app):
        app = make_core_app(**{"apiserver.title": "Things"})
        assert app.registry.swagger["info"]["title"] == "Things"

    def test_has_only_the_services_of_its_application(self, make_core_app):
        document = make_core_app(things).registry.swagger
        assert list(document["paths"]) == [
            "/things/",
            "/things/{thing_id}",
            "/things/{thing_id}/parts/{part_id}",
        ]
        assert document["tags"] == [
            {
                "name": "things",
                "description": "A feature with parts of things, whose objects need no "
                "database: ``/things/``.",
            }
        ]

    def test_is_there_without_any_feature(self, make_core_app):
        document = make_core_app().registry.swagger
        assert document["paths"] == {}
        assert document["securityDefinitions"] == {}
        assert list(OpenAPIV2SpecValidator(document).iter_errors()) == []

    def test_documents_of_two_applications_share_nothing(self, make_core_app, document):
        other = make_core_app(things).registry.swagger
        assert other["info"] == document["info"]
        other["info"]["title"] = "Changed"
        assert make_core_app().registry.swagger["info"] == document["info"]

    def test_paths_and_definitions_are_in_order(self, document):
        assert list(document["paths"]) == sorted(document["paths"])
        assert list(document["definitions"]) == sorted(document["definitions"])
        assert list(document["paths"]["/teams/{team_id}"]) == [
            "parameters",
            "get",
            "patch",
            "delete",
            "options",
        ]


class TestTags:
    def test_are_the_features_in_their_own_words(self, document):
        shipped = [t for t in document["tags"] if t["name"] in SHIPPED.split()]
        assert shipped == [
            {
                "name": "auth",
                "description": "OAuth2: who calls, which clients there are, how they "
                "get tokens.",
            },
            {
                "name": "teams",
                "description": "Teams: users work together, and leaders say who "
                "belongs to them.",
            },
            {
                "name": "users",
                "description": "Accounts: sign-up, profiles, passwords, roles.",
            },
        ]

    def test_without_an_operation_but_options_say_nothing(self, make_core_app):
        def feature(config):
            config.add_node("things", ThingCollection)
            config.add_cornice_service(ApiService("things", "/things/"))

        document = make_core_app(feature).registry.swagger
        assert document["tags"] == [{"name": "things", "description": ""}]
        assert list(document["paths"]["/things/"]) == ["options"]

    def test_are_the_first_segments_of_the_paths(self, document):
        for (_, path), operation in operations(document).items():
            assert operation["tags"] == [path.split("/")[1]]


class TestOperationId:
    def test_is_the_name_of_the_view(self, document):
        names = {
            pair: operation["operationId"]
            for pair, operation in operations(document).items()
        }
        assert len(set(names.values())) == len(names)
        assert names["PATCH", "/teams/{team_id}"] == "patch_team"
        assert names["OPTIONS", "/teams/{team_id}/members/"] == "options_team_members"


class TestPathParameters:
    def test_are_ids_by_default(self, document):
        item = document["paths"]["/teams/{team_id}/members/{user_id}"]
        assert item["parameters"] == [
            {
                "name": "team_id",
                "in": "path",
                "required": True,
                "description": "The id of the team.",
                "type": "integer",
                "format": "int64",
                "minimum": 1,
            },
            {
                "name": "user_id",
                "in": "path",
                "required": True,
                "description": "The user id of the member.",
                "type": "integer",
                "format": "int64",
                "minimum": 1,
            },
        ]

    def test_are_strings_where_the_key_is_one(self, document):
        item = document["paths"]["/auth/oauth2_clients/{client_id}"]
        assert item["parameters"] == [
            {
                "name": "client_id",
                "in": "path",
                "required": True,
                "description": "The id of the client.",
                "type": "string",
            }
        ]

    @pytest.mark.parametrize("path", ["/teams/", "/users/me"])
    def test_are_absent_where_the_path_has_no_key(self, document, path):
        assert "parameters" not in document["paths"][path]

    def test_lose_the_pattern_of_the_route(self, make_core_app):
        def feature(config):
            config.add_scope("things:read", "See things.")
            config.add_node("things", ThingCollection)
            service = ApiService("thing", r"/things/{thing_id:[1-9]\d*}")
            service.get(
                permission=ThingPermission.READ,
                response_schemas={"200": returns_nothing()},
            )(do)
            config.add_cornice_service(service)

        document = make_core_app(feature).registry.swagger
        assert list(document["paths"]) == ["/things/{thing_id}"]
        (parameter,) = document["paths"]["/things/{thing_id}"]["parameters"]
        assert parameter["name"] == "thing_id"
