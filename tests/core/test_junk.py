"""What is refused unread: junk in URLs and headers, bodies without an end."""

import pytest

from tests.client import Client
from tests.core.samples import samples
from tests.problems import problem


@pytest.fixture(scope="module")
def client(make_core_app):
    return Client(make_core_app(samples))


class TestJunk:
    @pytest.mark.parametrize("path", ["/%ff", "/api/v1/samples/%ed%a0%80", "/?x=%ff"])
    @pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
    def test_in_the_url_is_refused(self, client, method, path):
        response = client.call(method, path)
        assert response.status_int == 400
        assert response.json == problem(400, "The URL is not UTF-8.")

    @pytest.mark.parametrize("url", ["/samples/%00", "/samples/?text=%00"])
    def test_nul_in_the_url_is_refused(self, client, url):
        response = client.get(url)
        assert response.json == problem(400, "The URL holds a NUL character.")

    def test_query_has_an_end(self, client):
        assert client.get("/samples/?text=" + "x" * 8187).status_int == 422
        response = client.get("/samples/?text=" + "x" * 8188)
        assert response.json == problem(400, "The query is longer than 8192 bytes.")

    @pytest.mark.parametrize(
        ("path", "most"), [("/api/v1/samples/", 2**20), ("/auth/anything", 2**16)]
    )
    def test_body_has_an_end(self, client, path, most):
        assert client.call("POST", path, body=b"x" * most).status_int in (404, 415)
        response = client.call("POST", path, body=b"x" * (most + 1))
        assert response.status_int == 413
        assert response.json == problem(413, f"The body is longer than {most} bytes.")

    @pytest.mark.parametrize(
        "parameters",
        [
            "charset=utf-8",
            "Charset=UTF-8",
            'charset="utf-8"',
            "charset=utf8",
            "charset=utf-8; version=1",
            "version=charset",
        ],
    )
    def test_utf_8_has_many_names(self, client, parameters):
        response = client.post(
            "/samples/", body=b"{}", content_type=f"application/json; {parameters}"
        )
        assert response.status_int == 200

    @pytest.mark.parametrize(
        "charset", ["bogus", "latin1", "utf-16", "", "utf-8x", "'utf-8'"]
    )
    def test_other_charsets_are_refused(self, client, charset):
        for base in (
            "application/json",
            "application/x-www-form-urlencoded",
            "x/y; a=b",
        ):
            response = client.post(
                "/samples/", body=b"{}", content_type=f"{base}; charset={charset}"
            )
            assert response.status_int == 400
            assert response.json == problem(400, "The charset must be UTF-8.")
