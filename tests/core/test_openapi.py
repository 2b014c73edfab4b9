"""The document of an application: valid, and of what that declares alone.

What it says of the features that are shipped, ``docs/swagger.json`` has whole
(``tests/contract/test_snapshot.py``).
"""

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator

from apiserver.core.endpoints import ApiService, ResponseSchema
from apiserver.core.openapi import own_document
from tests.core.things import ThingCollection, ThingPermission, do, things

ADMINISTRATORS = ["role:admin", "role:internal"]


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

    def test_title_is_a_setting(self, make_core_app):
        app = make_core_app(**{"apiserver.title": "Things"})
        assert own_document(app.registry)["info"]["title"] == "Things"

    def test_has_only_the_services_of_its_application(self, make_core_app):
        document = own_document(make_core_app(things).registry)
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
        document = own_document(make_core_app().registry)
        assert document["paths"] == {}
        assert document["securityDefinitions"] == {}
        assert list(OpenAPIV2SpecValidator(document).iter_errors()) == []

    def test_documents_of_two_applications_share_nothing(self, make_core_app, document):
        other = own_document(make_core_app(things).registry)
        assert other["info"] == document["info"]
        other["info"]["title"] = "Changed"
        assert own_document(make_core_app().registry)["info"] == document["info"]


class TestTags:
    def test_without_an_operation_but_options_say_nothing(self, make_core_app):
        def feature(config):
            config.add_node("things", ThingCollection)
            config.add_cornice_service(ApiService("things", "/things/"))

        document = own_document(make_core_app(feature).registry)
        assert document["tags"] == [{"name": "things", "description": ""}]
        assert list(document["paths"]["/things/"]) == ["options"]


class TestPathParameters:
    def test_lose_the_pattern_of_the_route(self, make_core_app):
        def feature(config):
            config.add_scope("things:read", "See things.")
            config.add_node("things", ThingCollection)
            service = ApiService("thing", r"/things/{thing_id:[1-9]\d*}")
            service.get(
                permission=ThingPermission.READ,
                response_schemas={"200": ResponseSchema("Done.")},
            )(do)
            config.add_cornice_service(service)

        document = own_document(make_core_app(feature).registry)
        assert list(document["paths"]) == ["/things/{thing_id}"]
        (parameter,) = document["paths"]["/things/{thing_id}"]["parameters"]
        assert parameter["name"] == "thing_id"


class TestThings:
    """What follows from the classes on a path, and from what there is to read."""

    @pytest.fixture
    def described(self, make_core_app):
        return own_document(make_core_app(things).registry)

    def test_have_the_roles_of_their_lineage(self, described):
        part = described["paths"]["/things/{thing_id}/parts/{part_id}"]
        who = {method: part[method]["x-roles"] for method in ("get", "post", "delete")}
        assert who == {
            "get": ["thing:owner", *ADMINISTRATORS],
            "post": ["part:keeper", *ADMINISTRATORS],
            "delete": ["thing:owner", *ADMINISTRATORS],
        }
        # The thing knows the role, too, but grants it nothing.
        assert described["x-roles"]["part:keeper"]["at"] == [
            "/things/{thing_id}/parts/{part_id}"
        ]

    def test_without_a_body_have_no_version(self, described):
        """A thing can be asked for, but there is nothing to read."""
        item = described["paths"]["/things/{thing_id}"]
        for method in ("get", "patch"):
            assert "parameters" not in item[method]
            assert "headers" not in item[method]["responses"]["200"]
            assert {"304", "412"}.isdisjoint(item[method]["responses"])

    def test_of_administrators_alone_say_nothing_of_read_only_accounts(
        self, make_core_app
    ):
        def feature(config):
            config.add_scope("things:write", "Change things.")
            config.add_node("things", ThingCollection)
            service = ApiService("things", "/things/")
            service.post(
                # Granted at parts only.
                permission=ThingPermission.POLISH,
                response_schemas={"204": ResponseSchema("Done.")},
            )(do)
            config.add_cornice_service(service)

        operation = own_document(make_core_app(feature).registry)["paths"]["/things/"][
            "post"
        ]
        assert operation["description"] == (
            "**PERMISSIONS:** Administrators.\n\n"
            "`thing:polish`: Polish a part. Requires the scope `things:write`."
        )
