"""Every route is in the document, or on the list of what isn't; and the reverse."""

import re

import pytest
from pyramid.interfaces import IExceptionResponse, IRoutesMapper

from tests.contract.outside import OUTSIDE, outside
from tests.contract.places import make_place
from tests.contract.walk import document_of, query_of
from tests.gone import GONE
from tests.problems import problem

PREFIX = "/api/v1"
EVERY_METHOD = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


@pytest.fixture(scope="module")
def paths(app):
    """The documented methods of each path; HEAD goes with GET."""
    methods = {
        path: {method.upper() for method in item if method != "parameters"}
        for path, item in document_of(app)["paths"].items()
    }
    return {
        path: some | {"HEAD"} if "GET" in some else some
        for path, some in methods.items()
    }


@pytest.fixture(scope="module")
def patterns(app):
    """The patterns of all routes, those of files included, from the root on."""
    routes = app.registry.getUtility(IRoutesMapper).get_routes(include_static=True)
    return {"/" + route.pattern.lstrip("/") for route in routes}


def in_documents(pattern):
    """Return a route's pattern as the documents would have it."""
    return re.sub(r"{(\w+):[^/]*}", r"{\1}", pattern.removeprefix(PREFIX))


def a_path(pattern):
    """Return a path that the route of a pattern leads to."""
    return re.sub(r"{\w+}", "1", re.sub(r"\*\w+", "x.css", pattern))


def exceptions_in(contexts):
    return {
        context
        for context in contexts
        if isinstance(context, type) and issubclass(context, Exception)
    }


class TestRoute:
    def test_is_documented_or_listed_with_a_reason(self, patterns, paths):
        unknown = [
            pattern
            for pattern in patterns
            if outside(a_path(pattern)) is None and in_documents(pattern) not in paths
        ]
        assert unknown == [], "tests/contract/outside.py has to say why"

    def test_is_not_both(self, paths):
        assert [path for path in paths if outside(a_path(PREFIX + path))] == []

    def test_is_there_for_all_that_is_listed(self, patterns):
        leads = [a_path(pattern) for pattern in patterns]
        idle = [
            place.pattern
            for place in OUTSIDE
            if place.pattern.split("/")[1] not in GONE
            and not any(re.fullmatch(place.pattern, path) for path in leads)
        ]
        assert idle == []

    def test_is_the_only_way_to_a_view(self, app):
        """All others are for exceptions: Pyramid names its own by an interface."""
        views = app.registry.introspector.get_category("views")
        found = [view["introspectable"] for view in views]
        contexts = {
            view["context"]
            for view in found
            if not view["route_name"] and not view["exception_only"]
        }
        assert contexts - {IExceptionResponse, *exceptions_in(contexts)} == set()


class TestMethods:
    def test_of_a_path_are_the_documented_ones(self, api, paths):
        """Others are refused before anything is looked up, with those that are."""
        client = api()
        for path, documented in paths.items():
            for method in EVERY_METHOD:
                response = client.call(method, PREFIX + a_path(path))
                is_refused = response.status_int == 405
                assert is_refused == (method not in documented), (method, path)
                if is_refused:
                    assert set(response.headers["Allow"].split(", ")) == documented


class TestHead:
    @pytest.mark.rfc("9110", "9.3.2", "MUST NOT", "HEAD has no content")
    @pytest.mark.rfc("9110", "9.3.2", "SHOULD", "HEAD has the headers of GET")
    def test_has_the_headers_of_get(self, app, api, db, make_user):
        admin = make_user("admin")
        client = api(admin)
        for path, item in document_of(app)["paths"].items():
            if "get" in item:
                keys = make_place(db, path, admin, None).keys
                url = path.format(**keys) + query_of(item["get"])
                get, head = client.get(url), client.head(url)
                del get.headers["X-Request-Id"], head.headers["X-Request-Id"]
                assert head.headers == get.headers
                assert (head.status_int, head.body) == (get.status_int, b"")


class TestSlash:
    @pytest.mark.parametrize("query", ["", "?limit=2&offset=%204"])
    def test_that_is_missing_leads_to_the_list(self, api, paths, query):
        for path in (path for path in paths if path.endswith("/")):
            location = PREFIX + a_path(path)
            for method in paths[path]:
                response = api().call(method, location[:-1] + query)
                assert (response.status_int, response.body) == (308, b"")
                assert response.headers["Location"] == location + query

    @pytest.mark.parametrize("more", ["/", "/x"])
    def test_that_is_too_much_leads_nowhere(self, api, make_user, paths, more):
        client = api(make_user("admin"))
        for path in paths:
            response = client.get(a_path(path) + more)
            assert response.json == problem(404, "There is nothing at this URL."), path
