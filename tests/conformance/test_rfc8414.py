"""RFC 8414 and RFC 9728: what clients find out by themselves."""

import pytest

from tests.conformance.server import ISSUER
from tests.settings import SHIPPED, TESTING, make

rfc = pytest.mark.rfc

PATH = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource"

# Those that the features of the project have registered, in their order.
SCOPES = [*make(TESTING).registry.scopes]
CLASSES = [f"https://refeds.org/profile/{name}" for name in ("sfa", "mfa")]
ACR = {"acr_values_supported": CLASSES} if "factors" in SHIPPED.split() else {}
SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
GRANTS = ["authorization_code", "client_credentials", "refresh_token"]


def metadata(issuer=ISSUER, *more_grants):
    base = f"{issuer}/auth/oauth2"
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "revocation_endpoint": f"{base}/revoke",
        "introspection_endpoint": f"{base}/introspect",
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": sorted([*GRANTS, *more_grants]),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "revocation_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "introspection_endpoint_auth_methods_supported": SECRET_METHODS,
        "authorization_response_iss_parameter_supported": True,
        **ACR,
    }


def resource(issuer=ISSUER):
    return {
        "resource": issuer,
        "authorization_servers": [issuer],
        "scopes_supported": SCOPES,
        "bearer_methods_supported": ["header"],
    }


class TestServer:
    @rfc("8414", "3.2", "MUST", "it is answered by 200 as application/json")
    @rfc("8414", "3.2", "MUST", "members without values are left out")
    @rfc("8414", "2", "REQUIRED", "issuer: https, without query and fragment")
    @rfc("8414", "3.3", "MUST", "issuer is the one the document was asked of")
    @rfc("8414", "3.3", "MUST", "issuer doesn't follow the request")
    @rfc("8414", "2", "REQUIRED", "response_types_supported: what there is")
    @rfc("8414", "2", "MUST", "the endpoints that there are, are named")
    @rfc("8414", "2", "OPTIONAL", "code_challenge_methods_supported: S256 alone")
    @rfc("8414", "2", "OPTIONAL", "auth methods: introspection needs a secret")
    @rfc("8414", "2", "RECOMMENDED", "scopes_supported: those that are registered")
    @rfc("9470", "7", "OPTIONAL", "acr_values_supported: those of second factors")
    @rfc("8628", "4", "OPTIONAL", "device_authorization_endpoint: there is none")
    @rfc("9207", "3", "MUST", "the metadata says that answers have an issuer")
    @rfc("9700", "2.1.1", "MUST", "clients find out that there is PKCE")
    @rfc("9700", "2.1.2", "SHOULD NOT", "no response type but code")
    @rfc("9728", "3", "MUST", "it is at its well-known place")
    @rfc("9728", "3.2", "MUST", "it is answered by 200 as application/json")
    @rfc("9728", "3.2", "MUST", "members without values are left out")
    @rfc("9728", "2", "REQUIRED", "resource: https, without a fragment")
    @rfc("9728", "2", "OPTIONAL", "bearer_methods_supported: the header alone")
    @rfc("9728", "3.3", "MUST", "resource is the one the document was asked of")
    @pytest.mark.parametrize(
        ("path", "document"), [(PATH, metadata()), (RESOURCE, resource())]
    )
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Host": "evil.example"},
            {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
            {"Forwarded": "host=evil.example"},
        ],
        ids=str,
    )
    def test_describes_itself(self, server, path, document, headers):
        response = server.call("GET", path, headers=headers)
        assert (response.status_code, response.json()) == (200, document)
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "public, max-age=3600"

    @rfc("8414", "2", "REQUIRED", "every URL leads to an endpoint")
    def test_every_url_is_served(self, server):
        urls = [v for k, v in metadata().items() if k.endswith("_endpoint")]
        paths = [url.removeprefix(ISSUER) for url in urls]
        statuses = [server.call("GET", path).status_code for path in paths]
        assert statuses == [400, 405, 405, 405]

    @rfc("8414", "2", "OPTIONAL", "grant_types_supported: those that are enabled")
    def test_grants_are_the_enabled_ones(self, password_server):
        document = password_server.call("GET", PATH).json()
        assert document == metadata(ISSUER, "password")

    @rfc("8414", "3.1", "MUST", "an issuer's path comes after the well-known part")
    @rfc("9728", "3.1", "MUST", "the path of the resource comes last")
    def test_issuer_may_have_a_path(self, all_servers):
        tenant_server = all_servers["tenant"]
        issuer = f"{ISSUER}/tenant/one"
        document = tenant_server.call("GET", f"{PATH}/tenant/one").json()
        assert document == metadata(issuer)
        document = tenant_server.call("GET", f"{RESOURCE}/tenant/one").json()
        assert document == resource(issuer)
        assert tenant_server.call("GET", PATH).status_code == 404
