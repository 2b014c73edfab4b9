"""RFC 8288, RFC 3339, RFC 8259: links, moments and JSON of the API."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

rfc = pytest.mark.rfc

_LINK = re.compile(r'<([^>]+)>; rel="(\w+)"')
CLIENTS = "/api/v1/auth/oauth2_clients/"


@pytest.fixture
def token(make_token, user):
    return make_token(user, scopes=["auth:read", "teams:read", "teams:write"])


@pytest.fixture
def get_page(server, token):
    """A function that returns a page's client ids, and its links by relation."""

    def get(path):
        response = server.call("GET", path, token=token)
        assert response.status_code == 200
        links = {rel: uri for uri, rel in _LINK.findall(response.headers["link"])}
        return [client["client_id"] for client in response.json()], links

    return get


class TestLink:
    @rfc("8288", "3", "MUST", "a link is a URI reference in angle brackets")
    @rfc("8288", "3.3", "MUST", "a link says its relation")
    def test_leads_through_all_pages(self, get_page, make_client, user):
        for _ in range(4):
            make_client(user)
        first, of_first = get_page(f"{CLIENTS}?limit=2")
        assert set(of_first) == {"first", "next", "last"}
        second, of_second = get_page(of_first["next"])
        assert set(of_second) == {"first", "prev", "next"}
        last, of_last = get_page(of_first["last"])
        assert set(of_last) == {"first", "prev", "last"}
        assert get_page(of_last["prev"])[0] == second
        assert get_page(of_second["next"])[0] == last
        assert get_page(of_second["prev"])[0] == first
        assert get_page(of_second["first"])[0] == first
        # Four, and the one that the user's own token was issued to.
        assert len({*first, *second, *last}) == 5

    @rfc("8288", "3", "MUST", "a link keeps the query of the request")
    def test_keeps_the_query(self, get_page, user, make_client):
        _, links = get_page(f"{CLIENTS}?limit=1&user_id={user.id}")
        query = parse_qs(urlsplit(links["first"]).query)
        assert query == {"limit": ["1"], "offset": ["0"], "user_id": [str(user.id)]}


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
            b'{"title": "\xff"}',
            b'\xef\xbb\xbf{"title": "Engineers"}',
            b'{"title": NaN}',
            b"{'title': 'Engineers'}",
            b'{"title": "Engineers",}',
            b'{"title": "Engineers"} x',
            b'{"title": ' + b"[" * 1000 + b"]" * 1000 + b"}",
        ],
    )
    def test_what_is_none_is_400(self, server, token, body):
        headers = {"Content-Type": "application/json"}
        response = server.call(
            "POST", "/api/v1/teams/", token=token, content=body, headers=headers
        )
        assert response.status_code == 400
