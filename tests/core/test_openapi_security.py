"""How a client gets a token, as the document says."""

from apiserver.core.endpoints import outside_prefix
from tests.core.things import things


class TestSecurityDefinitions:
    def test_have_no_password_where_the_operator_forbids_it(
        self, database_url, make_app
    ):
        app = make_app(database_url, oauth2_password_grant="false")
        document = app.registry.swagger
        assert list(document["securityDefinitions"]) == [
            "oauth2_code",
            "oauth2_application",
        ]
        assert document["paths"]["/teams/"]["get"]["security"] == [
            {"oauth2_code": ["teams:read"]},
            {"oauth2_application": ["teams:read"]},
        ]

    def test_are_empty_without_a_token_endpoint(self, make_core_app):
        document = make_core_app(things).registry.swagger
        assert document["securityDefinitions"] == {}
        assert document["paths"]["/things/"]["get"]["security"] == []

    def test_have_no_code_without_an_authorization_endpoint(self, make_core_app):
        def feature(config):
            config.add_scope("things:read", "See things.")
            with outside_prefix(config):
                config.add_route("token", "/auth/oauth2/token")

        document = make_core_app(feature).registry.swagger
        assert document["securityDefinitions"] == {
            "oauth2_application": {
                "type": "oauth2",
                "tokenUrl": "/auth/oauth2/token",
                "flow": "application",
                "scopes": {"things:read": "See things."},
            }
        }
