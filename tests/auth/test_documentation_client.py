"""The client of the interactive documentation: it is led back to where the page is."""

import pytest

from tests.conformance.flow import target

CLIENT = "docs"
PAGE = "/api/v1/oauth2-redirect"
LOCAL, ELSEWHERE = "http://127.0.0.1:5000", "https://api.example.com"

# Where a server of this machine shows the page, by any of its names and ports.
SHOWN = """
    http://127.0.0.1:5000 http://127.0.0.1:5001 http://127.0.0.1 http://localhost:5000
    http://localhost:8080 http://localhost http://[::1]:5000 http://[::1]:65535
"""
NOT_SHOWN = f"""
    http://localhost:5000{PAGE}/ http://localhost:5000{PAGE}?x=1
    http://localhost:5000/x{PAGE} http://localhost:5000?x={PAGE}
    http://localhost:0{PAGE} http://localhost:65536{PAGE} http://x@localhost:5000{PAGE}
    http://localhost.example.com:5000{PAGE} http://127.0.0.2:5000{PAGE}
    http://example.com{PAGE} https://localhost:5000{PAGE}
    http://localhost:5000/ http://localhost:5000/api/v1/
""".split()
OTHER_ORIGINS = """
    https://api.example.com:8443 https://api.example.com. https://API.example.com
    http://api.example.com https://example.com http://127.0.0.1:5000
    http://localhost:5000
"""


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
def accepted(api, shared_app, documentation):
    """A function that returns to which of the URIs the client may be led."""

    def call(*uris, client=documentation, **settings):
        app = shared_app(**{"documentation_client_id": CLIENT, **settings})
        caller = api(app=app)
        statuses = {
            uri: caller.call("GET", target(client, redirect_uri=uri)).status_int
            for uri in uris
        }
        assert set(statuses.values()) <= {303, 400}
        return [uri for uri, status in statuses.items() if status == 303]

    return call


class TestServerOfThisMachine:
    @pytest.mark.parametrize("issuer", [LOCAL, "http://localhost:8000"])
    def test_shows_the_page_by_any_name_and_port(self, accepted, issuer):
        uris = [origin + PAGE for origin in SHOWN.split()]
        assert accepted(*uris, issuer=issuer) == uris

    def test_shows_it_nowhere_else(self, accepted):
        assert accepted(*NOT_SHOWN, issuer=LOCAL) == []

    def test_shows_it_below_the_prefix_of_the_api(self, accepted):
        own = "http://localhost:5000/v9/oauth2-redirect"
        settings = {"issuer": LOCAL, "api_prefix": "/v9"}
        assert accepted(own, f"http://localhost:5000{PAGE}", **settings) == [own]

    def test_leads_no_other_client_there(self, accepted, make_client):
        other = make_client(grant_types=("authorization_code",))
        uri = f"http://localhost:5000{PAGE}"
        assert accepted(uri, client=other, issuer=LOCAL) == []


class TestServerElsewhere:
    def test_shows_the_page_at_its_issuer_alone(self, accepted):
        own = [ELSEWHERE + PAGE, "https://client.example.org/callback"]
        assert accepted(*own, *(other + PAGE for other in OTHER_ORIGINS.split())) == own

    def test_may_have_no_such_client(self, accepted):
        assert accepted(ELSEWHERE + PAGE, documentation_client_id="") == []
