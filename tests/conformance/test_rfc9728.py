"""RFC 9728: the metadata of the API."""

import pytest

from tests.conformance.server import ISSUER

rfc = pytest.mark.rfc

PATH = "/.well-known/oauth-protected-resource"


class TestDocument:
    @rfc("9728", "3", "MUST", "it is at its well-known place")
    @rfc("9728", "3.2", "MUST", "it is answered by 200 as application/json")
    def test_is_json(self, server):
        response = server.call("GET", PATH)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"

    @rfc("9728", "2", "REQUIRED", "resource: https, without a fragment")
    @rfc("9728", "3.3", "MUST", "resource is the one the document was asked of")
    def test_names_the_resource(self, server):
        headers = {"Host": "evil.example"}
        document = server.call("GET", PATH, headers=headers).json()
        assert document["resource"] == ISSUER

    @rfc("9728", "3.1", "MUST", "the path of the resource comes last")
    def test_resource_may_have_a_path(self, tenant_server):
        document = tenant_server.call("GET", f"{PATH}/tenant/one").json()
        assert document["resource"] == f"{ISSUER}/tenant/one"

    @rfc("9728", "2", "OPTIONAL", "authorization_servers: the issuer")
    def test_names_the_authorization_server(self, server):
        document = server.call("GET", PATH).json()
        (issuer,) = document["authorization_servers"]
        path = "/.well-known/oauth-authorization-server"
        assert server.call("GET", path).json()["issuer"] == issuer

    @rfc("9728", "2", "OPTIONAL", "bearer_methods_supported: the header alone")
    def test_names_how_tokens_are_sent(self, server):
        document = server.call("GET", PATH).json()
        assert document["bearer_methods_supported"] == ["header"]

    @rfc("9728", "3.2", "MUST", "members without values are left out")
    def test_has_no_empty_members(self, server):
        document = server.call("GET", PATH).json()
        assert [name for name, value in document.items() if not value] == []
