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

    def test_has_only_the_services_of_its_application(self, make_core_app, document):
        app = make_core_app(things, **{"apiserver.title": "Things"})
        described = own_document(app.registry)
        assert list(described["paths"]) == [
            "/things/",
            "/things/{thing_id}",
            "/things/{thing_id}/parts/{part_id}",
        ]
        sentence = "A feature with parts of things, whose objects need no database: "
        [tag] = described["tags"]
        assert tag == {"name": "things", "description": f"{sentence}``/things/``."}
        assert described["info"]["title"] == "Things"
        # Without a feature that has a token endpoint.
        assert described["securityDefinitions"] == {}
        assert described["paths"]["/things/"]["get"]["security"] == []
        described["info"]["title"] = "Changed"
        again = own_document(make_core_app().registry)
        assert again["info"] == document["info"]

    def test_is_there_without_any_feature(self, make_core_app):
        document = own_document(make_core_app().registry)
        assert document["paths"] == {}
        assert document["securityDefinitions"] == {}
        assert list(OpenAPIV2SpecValidator(document).iter_errors()) == []

    def test_has_no_password_where_the_operator_forbids_it(self, shared_app):
        app = shared_app(oauth2_password_grant="false")
        document = own_document(app.registry)
        schemes = ["oauth2_code", "oauth2_application"]
        assert list(document["securityDefinitions"]) == schemes
        security = document["paths"]["/teams/"]["get"]["security"]
        assert security == [{scheme: ["teams:read"]} for scheme in schemes]

    def test_has_the_ways_to_sign_in_that_a_feature_registers(self, make_core_app):
        def feature(config):
            config.add_scope("things:read", "See things.")
            config.add_sign_in(
                lambda registry, base: {
                    "key": {"type": "apiKey", "in": base, **registry.scopes}
                }
            )

        document = own_document(make_core_app(feature).registry)
        key = {"type": "apiKey", "in": "", "things:read": "See things."}
        assert document["securityDefinitions"] == {"key": key}


def described(make_core_app, service):
    """Return the document of an application with this endpoint alone."""

    def feature(config):
        config.add_scope("things:read", "See things.")
        config.add_scope("things:write", "Change things.")
        config.add_node("things", ThingCollection)
        config.add_cornice_service(service)

    return own_document(make_core_app(feature).registry)


DONE = {"response_schemas": {"200": ResponseSchema("Done.")}}


class TestEndpoint:
    def test_without_a_method_but_options_says_nothing(self, make_core_app):
        document = described(make_core_app, ApiService("things", "/things/"))
        assert document["tags"] == [{"name": "things", "description": ""}]
        assert list(document["paths"]["/things/"]) == ["options"]

    def test_loses_the_pattern_of_the_route(self, make_core_app):
        service = ApiService("thing", r"/things/{thing_id:[1-9]\d*}")
        service.get(permission=ThingPermission.READ, **DONE)(do)
        document = described(make_core_app, service)
        assert list(document["paths"]) == ["/things/{thing_id}"]
        (parameter,) = document["paths"]["/things/{thing_id}"]["parameters"]
        assert parameter["name"] == "thing_id"

    def test_of_administrators_alone_says_nothing_of_read_only_accounts(
        self, make_core_app
    ):
        service = ApiService("things", "/things/")
        # Granted at parts only.
        service.post(permission=ThingPermission.POLISH, **DONE)(do)
        operation = described(make_core_app, service)["paths"]["/things/"]["post"]
        assert operation["description"] == (
            "**PERMISSIONS:** Administrators.\n\n"
            "`thing:polish`: Polish a part. Requires the scope `things:write`."
        )


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
