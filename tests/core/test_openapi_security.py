"""How a client gets a token, as the document says."""

from apiserver.core.openapi import own_document
from tests.core.things import things


class TestSecurityDefinitions:
    def test_have_no_password_where_the_operator_forbids_it(self, shared_app):
        app = shared_app(oauth2_password_grant="false")
        document = own_document(app.registry)
        assert list(document["securityDefinitions"]) == [
            "oauth2_code",
            "oauth2_application",
        ]
        assert document["paths"]["/teams/"]["get"]["security"] == [
            {"oauth2_code": ["teams:read"]},
            {"oauth2_application": ["teams:read"]},
        ]

    def test_are_empty_without_a_token_endpoint(self, make_core_app):
        document = own_document(make_core_app(things).registry)
        assert document["securityDefinitions"] == {}
        assert document["paths"]["/things/"]["get"]["security"] == []

    def test_are_what_a_feature_registers(self, make_core_app):
        def feature(config):
            config.add_scope("things:read", "See things.")
            config.add_sign_in(
                lambda registry, base: {
                    "key": {"type": "apiKey", "in": base, **registry.scopes}
                }
            )

        document = own_document(make_core_app(feature).registry)
        assert document["securityDefinitions"] == {
            "key": {"type": "apiKey", "in": "", "things:read": "See things."}
        }
