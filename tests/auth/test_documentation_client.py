"""The client of the interactive documentation: it is led back to where the page is."""

from urllib.parse import urlencode

import pytest

from tests.conformance.flow import AUTHORIZE, challenge

CLIENT = "docs"
PAGE = "/api/v1/oauth2-redirect"


@pytest.fixture
def documentation(make_client):
    """The client, which has registered another place."""
    return make_client(
        client_id=CLIENT,
        client_type="public",
        secret_digest=None,
        redirect_uris=("https://client.example.org/callback",),
        grant_types=("authorization_code",),
    )


@pytest.fixture
def accepts(api, shared_app, documentation):
    """A function that says whether the client may be led to a URI."""

    def call(uri, client=documentation, **settings):
        app = shared_app(**{"documentation_client_id": CLIENT, **settings})
        asked = {
            "client_id": client.client_id,
            "redirect_uri": uri,
            "response_type": "code",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }
        response = api(app=app).call("GET", f"{AUTHORIZE}?{urlencode(asked)}")
        assert response.status_int in (303, 400)
        return response.status_int == 303

    return call


class TestServerOfThisMachine:
    ISSUER = "http://127.0.0.1:5000"

    @pytest.mark.parametrize(
        "origin",
        [
            "http://127.0.0.1:5000",
            "http://127.0.0.1:5001",
            "http://127.0.0.1",
            "http://localhost:5000",
            "http://localhost:8080",
            "http://localhost",
            "http://[::1]:5000",
            "http://[::1]:65535",
        ],
    )
    def test_shows_the_page_by_any_name_and_port(self, accepts, origin):
        for issuer in (self.ISSUER, "http://localhost:8000"):
            assert accepts(origin + PAGE, issuer=issuer)

    @pytest.mark.parametrize(
        "uri",
        [
            f"http://localhost:5000{PAGE}/",
            f"http://localhost:5000{PAGE}?x=1",
            f"http://localhost:5000/x{PAGE}",
            f"http://localhost:5000?x={PAGE}",
            f"http://localhost:0{PAGE}",
            f"http://localhost:65536{PAGE}",
            f"http://x@localhost:5000{PAGE}",
            f"http://localhost.example.com:5000{PAGE}",
            f"http://127.0.0.2:5000{PAGE}",
            f"http://example.com{PAGE}",
            f"https://localhost:5000{PAGE}",
            "http://localhost:5000/",
            "http://localhost:5000/api/v1/",
        ],
    )
    def test_shows_it_nowhere_else(self, accepts, uri):
        assert not accepts(uri, issuer=self.ISSUER)

    def test_shows_it_below_the_prefix_of_the_api(self, accepts):
        settings = {"issuer": self.ISSUER, "api_prefix": "/v9"}
        assert accepts("http://localhost:5000/v9/oauth2-redirect", **settings)
        assert not accepts(f"http://localhost:5000{PAGE}", **settings)

    def test_leads_no_other_client_there(self, accepts, make_client):
        other = make_client(grant_types=("authorization_code",))
        uri = f"http://localhost:5000{PAGE}"
        assert not accepts(uri, client=other, issuer=self.ISSUER)


class TestServerElsewhere:
    ISSUER = "https://api.example.com"

    def test_shows_the_page_at_its_issuer(self, accepts):
        assert accepts(self.ISSUER + PAGE)
        assert accepts("https://client.example.org/callback")

    @pytest.mark.parametrize(
        "origin",
        [
            "https://api.example.com:8443",
            "https://api.example.com.",
            "https://API.example.com",
            "http://api.example.com",
            "https://example.com",
            "http://127.0.0.1:5000",
            "http://localhost:5000",
        ],
    )
    def test_shows_it_nowhere_else(self, accepts, origin):
        assert not accepts(origin + PAGE)

    def test_may_have_no_such_client(self, accepts, documentation):
        settings = {"documentation_client_id": ""}
        assert not accepts(self.ISSUER + PAGE, **settings)
