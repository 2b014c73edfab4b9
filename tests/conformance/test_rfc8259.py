"""RFC 8259, RFC 3339: JSON and timestamps of the API."""

from datetime import UTC, datetime, timedelta

import pytest

rfc = pytest.mark.rfc


@pytest.fixture
def token(make_token, user):
    return make_token(user, scopes=["auth:read", "teams:read", "teams:write"])


class TestMoment:
    @rfc("3339", "5.6", "MUST", "a moment has date, time and offset")
    def test_has_an_offset(self, server, token):
        body = {"title": "Engineers"}
        team = server.call("POST", "/api/v1/teams/", token=token, json=body).json()
        for name in ("created", "updated"):
            moment = datetime.fromisoformat(team[name])
            assert moment.utcoffset() == timedelta(0)
            assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


class TestJson:
    @rfc("8259", "8.1", "MUST", "JSON is UTF-8, without a byte order mark")
    def test_is_utf_8(self, server, token):
        body = {"title": "Å\N{SNOWMAN}\N{PILE OF POO}"}
        response = server.call("POST", "/api/v1/teams/", token=token, json=body)
        assert body["title"].encode() in response.content
        assert not response.content.startswith(b"\xef\xbb\xbf")

    @rfc("8259", "4", "SHOULD", "the names of an object are unique")
    @rfc("8259", "9", "MAY", "depth and strings are limited")
    @pytest.mark.parametrize(
        "body",
        [
            b'{"title": "Engineers", "title": "Scientists"}',
            b'\xef\xbb\xbf{"title": "Engineers"}',
            b'{"title": ' + b"[" * 1000 + b"]" * 1000 + b"}",
        ],
    )
    def test_what_is_none_is_400(self, server, token, body):
        headers = {"Content-Type": "application/json"}
        response = server.call(
            "POST", "/api/v1/teams/", token=token, content=body, headers=headers
        )
        assert response.status_code == 400
