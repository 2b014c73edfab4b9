"""RFC 8414: the metadata of the authorization server."""

import pytest

from tests.conformance.server import ISSUER

rfc = pytest.mark.rfc

PATH = "/.well-known/oauth-authorization-server"


@pytest.fixture
def document(server):
    return server.call("GET", PATH).json()


class TestDocument:
    @rfc("8414", "3.2", "MUST", "it is answered by 200 as application/json")
    def test_is_json(self, server):
        response = server.call("GET", PATH)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"

    @rfc("8414", "3.2", "MUST", "members without values are left out")
    def test_has_no_empty_members(self, document):
        assert [name for name, value in document.items() if not value] == []

    @rfc("8414", "2", "REQUIRED", "the endpoints and the response types")
    @rfc("8414", "2", "MUST", "the endpoints that there are, are named")
    def test_names_the_endpoints(self, document):
        names = ("authorization", "token", "revocation", "introspection")
        paths = ("authorize", "token", "revoke", "introspect")
        assert [document[f"{name}_endpoint"] for name in names] == [
            f"{ISSUER}/auth/oauth2/{path}" for path in paths
        ]

    @rfc("8414", "2", "REQUIRED", "every URL leads to an endpoint")
    def test_every_url_is_served(self, server, document):
        urls = [value for value in document.values() if str(value).startswith("https:")]
        assert len(urls) == 5
        for url in urls:
            if url != ISSUER:
                response = server.call("GET", url.removeprefix(ISSUER))
                assert response.status_code in {303, 400, 405}, url


class TestIssuer:
    @rfc("8414", "2", "REQUIRED", "issuer: https, without query and fragment")
    @rfc("8414", "3.3", "MUST", "issuer is the one the document was asked of")
    def test_is_the_configured_one(self, document):
        assert document["issuer"] == ISSUER
        assert ISSUER.startswith("https://")
        assert not {"?", "#"} & set(document["issuer"])

    @rfc("8414", "3.3", "MUST", "issuer doesn't follow the request")
    @pytest.mark.parametrize(
        "name", ["Host", "X-Forwarded-Host", "Forwarded", "X-Forwarded-Proto"]
    )
    def test_does_not_follow_the_host(self, server, document, name):
        value = "host=evil.example" if name == "Forwarded" else "evil.example"
        response = server.call("GET", PATH, headers={name: value})
        assert response.json() == document

    @rfc("8414", "3.1", "MUST", "an issuer's path comes after the well-known part")
    def test_may_have_a_path(self, tenant_server):
        document = tenant_server.call("GET", f"{PATH}/tenant/one").json()
        assert document["issuer"] == f"{ISSUER}/tenant/one"
        assert document["token_endpoint"] == f"{ISSUER}/tenant/one/auth/oauth2/token"
        assert tenant_server.call("GET", PATH).status_code == 404


class TestSupported:
    @rfc("8414", "2", "REQUIRED", "response_types_supported: what there is")
    @rfc("9700", "2.1.2", "SHOULD NOT", "no response type but code")
    def test_response_type_is_code(self, document):
        assert document["response_types_supported"] == ["code"]

    @rfc("8414", "2", "OPTIONAL", "response_modes_supported: what there is")
    def test_response_mode_is_query(self, document):
        assert document["response_modes_supported"] == ["query"]

    @rfc("8414", "2", "OPTIONAL", "grant_types_supported: those that are enabled")
    def test_grants_are_the_enabled_ones(self, document, password_server):
        grants = ["authorization_code", "client_credentials", "refresh_token"]
        assert sorted(document["grant_types_supported"]) == grants
        other = password_server.call("GET", PATH).json()
        assert set(other["grant_types_supported"]) == {*grants, "password"}

    @rfc("8414", "2", "OPTIONAL", "code_challenge_methods_supported: S256 alone")
    @rfc("9700", "2.1.1", "MUST", "clients find out that there is PKCE")
    def test_challenge_is_s256(self, document):
        assert document["code_challenge_methods_supported"] == ["S256"]

    @rfc("8414", "2", "OPTIONAL", "token_endpoint_auth_methods_supported")
    def test_public_clients_may_get_tokens(self, document):
        methods = ["client_secret_basic", "client_secret_post", "none"]
        assert document["token_endpoint_auth_methods_supported"] == methods
        assert document["revocation_endpoint_auth_methods_supported"] == methods

    @rfc("8414", "2", "OPTIONAL", "introspection_endpoint_auth_methods_supported")
    def test_public_clients_may_not_introspect(self, document):
        methods = document["introspection_endpoint_auth_methods_supported"]
        assert methods == ["client_secret_basic", "client_secret_post"]

    @rfc("8414", "2", "RECOMMENDED", "scopes_supported: those that are registered")
    def test_scopes_are_the_registered_ones(self, document):
        assert {*document["scopes_supported"]} >= {
            f"{noun}:{verb}"
            for noun in ("auth", "teams", "users")
            for verb in ("read", "write")
        }

    @rfc("9207", "3", "MUST", "the metadata says that answers have an issuer")
    def test_answers_have_an_issuer(self, document):
        assert document["authorization_response_iss_parameter_supported"] is True

    @rfc("8628", "4", "OPTIONAL", "device_authorization_endpoint: there is none")
    def test_device_grant_is_absent(self, document):
        assert "device_authorization_endpoint" not in document
