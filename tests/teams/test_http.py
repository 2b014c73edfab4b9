"""Methods, slashes and HEAD at the paths of ``/teams``."""

import pytest

from tests.problems import problem

ALLOWED = {
    "/teams/": "GET, HEAD, OPTIONS, POST",
    "/teams/1": "DELETE, GET, HEAD, OPTIONS, PATCH",
    "/teams/1/members/": "GET, HEAD, OPTIONS, POST",
    "/teams/1/members/1": "DELETE, GET, HEAD, OPTIONS, PATCH",
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

    @pytest.mark.parametrize("path", ["", "{team_id}", "{team_id}/members/"])
    def test_head_has_the_headers_of_get(self, sign_in, path):
        client, ids = sign_in("leader")
        path = f"/teams/{path}".format(**ids)
        get, head = client.get(path), client.head(path)
        del get.headers["X-Request-Id"], head.headers["X-Request-Id"]
        assert head.headers == get.headers
        assert (head.status_int, head.body) == (200, b"")


class TestSlash:
    @pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
    @pytest.mark.parametrize("query", ["", "?limit=2&offset=%204"])
    @pytest.mark.parametrize("path", ["/teams", "/teams/1/members"])
    def test_path_without_it_leads_to_the_list(self, api, path, method, query):
        response = api().call(method, f"/api/v1{path}{query}")
        assert response.status_int == 308
        assert response.headers["Location"] == f"/api/v1{path}/{query}"
        assert response.body == b""

    def test_a_post_can_be_repeated_there(self, api, make_user):
        client = api(make_user())
        location = client.post("/teams", {"title": "Engineers"}).headers["Location"]
        answer = client.call("POST", location, json={"title": "Engineers"})
        assert answer.status_int == 201

    @pytest.mark.parametrize(
        "path", ["/teams/1/", "/teams//", "/team", "/teams/1/members/1/", "/teams/1/x"]
    )
    def test_other_paths_are_404(self, api, make_user, path):
        response = api(make_user("admin")).get(path)
        assert response.status_int == 404
        assert response.json == problem(404, "There is nothing here.")
