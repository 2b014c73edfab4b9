"""Methods, slashes and HEAD at the paths of ``/users``."""

import pytest

from tests.problems import problem

ALLOWED = {
    "/users/": "GET, HEAD, OPTIONS, POST",
    "/users/signup-form": "GET, HEAD, OPTIONS",
    "/users/me": "GET, HEAD, OPTIONS",
    "/users/1": "GET, HEAD, OPTIONS, PATCH",
}
METHODS = ["POST", "PUT", "PATCH", "DELETE", "TRACE"]
WRONG = [
    (method, path)
    for path, allowed in ALLOWED.items()
    for method in METHODS
    if method not in allowed
]


class TestMethods:
    @pytest.mark.parametrize(("method", "path"), WRONG)
    @pytest.mark.parametrize("kind", [None, "admin"])
    def test_others_are_405(self, api, make_user, kind, method, path):
        client = api(make_user(kind) if kind else None)
        response = client.call(method, client.prefix + path)
        assert response.status_int == 405
        assert response.headers["Allow"] == ALLOWED[path]
        assert response.json == problem(405, f"Here are {ALLOWED[path]}.")

    @pytest.mark.parametrize("path", ["/users/", "/users/me", "/users/signup-form"])
    def test_head_has_the_headers_of_get(self, api, make_user, path):
        client = api(make_user("admin"))
        get, head = client.get(path), client.head(path)
        del get.headers["X-Request-Id"], head.headers["X-Request-Id"]
        assert head.headers == get.headers
        assert (head.status_int, head.body) == (200, b"")


class TestSlash:
    @pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
    @pytest.mark.parametrize("query", ["", "?limit=2&offset=%204"])
    def test_path_without_it_leads_to_the_list(self, api, method, query):
        response = api().call(method, f"/api/v1/users{query}")
        assert response.status_int == 308
        assert response.headers["Location"] == f"/api/v1/users/{query}"
        assert response.body == b""

    @pytest.mark.parametrize("path", ["/users/me/", "/users/1/", "/users//", "/user"])
    def test_other_paths_are_404(self, api, make_user, path):
        response = api(make_user("admin")).get(path)
        assert response.status_int == 404
        assert response.json == problem(404, "There is nothing here.")
