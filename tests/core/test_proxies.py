"""A request that is tried again is still the one that the proxy has sent."""

from pyramid_retry import RetryableException

from tests.core.notes import NoteClient, notes
from tests.networks import from_address

NAME = "0123456789abcdef" * 2
SENT = {
    "X-Forwarded-For": "10.0.0.7",
    "X-Forwarded-Prefix": "/svc",
    "X-Request-Id": NAME,
}


class TestProxy:
    def test_is_believed_once(self, make_core_app):
        """Its headers have changed the environ, which the second try begins with."""
        app = make_core_app(
            notes,
            "apiserver.ops.proxies",
            **{"apiserver.trusted_proxies": "10.0.0.0/8"},
        )
        seen = []

        def act(request):
            seen.append((request.script_name, request.address, request.request_id))
            if len(seen) < 3:
                raise RetryableException

        app.registry.act = act
        client = NoteClient(from_address(app, "10.0.0.1"))
        response = client.call("POST", "/api/v1/notes/", headers=SENT)
        assert response.status_int == 200
        assert seen == [("/svc", "10.0.0.7", NAME)] * 3
        assert response.headers["X-Request-Id"] == NAME
