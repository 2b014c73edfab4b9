"""Routes outside of the API that need what others don't."""

import pytest
from pyramid.exceptions import ConfigurationError
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.core.endpoints import outside_prefix
from tests.core.notes import NoteClient, words, write
from tests.problems import problem

ORIGIN = "https://app.example.com"


def route(path, **special):
    """Return a feature whose view at the path, of any method, writes a note."""

    def include(config):
        def note(request):
            write(request, "note")
            return request.response

        with outside_prefix(config):
            config.add_special_route(path, path, **special)
        config.add_view(note, route_name=path, permission=NO_PERMISSION_REQUIRED)

    return include


@pytest.fixture
def call(note_app, make_core_app):
    """A function that sends a request to the two routes of an application."""
    features = (route("/diary", writes=True, same_origin=True), route("/survey"))
    settings = {
        "sqlalchemy.url": note_app.registry.settings["sqlalchemy.url"],
        "apiserver.cors_origins": ORIGIN,
    }
    return NoteClient(make_core_app(*features, **settings)).call


class TestWrites:
    @pytest.mark.parametrize("path", ["/diary", "/diary%0A"])
    def test_has_a_transaction_for_each_method(self, note_app, call, path):
        for number, method in enumerate(("GET", "POST"), start=1):
            assert call(method, path).status_int == 200
            assert words(note_app) == ["note"] * number
        # But writes nothing for who only looks.
        assert call("HEAD", path).status_int == 200
        assert words(note_app) == ["note"] * 2


def test_same_origin_is_for_no_other_page(call):
    for path in ("/diary", "/diary%0A"):
        answer = call("POST", path, headers={"Origin": ORIGIN})
        assert not [name for name in answer.headers if name.startswith("Access-")]
    answer = call("POST", "/survey", headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_limit_is_that_of_the_route(note_app, make_core_app):
    url = note_app.registry.settings["sqlalchemy.url"]
    feature = route("/form", writes=True, most_query=16_384, most_body=256)
    call = NoteClient(make_core_app(feature, **{"sqlalchemy.url": url})).call
    answer = call("POST", f"/form?{'x' * 16_384}", body=b"x" * 256)
    assert answer.status_int == 200
    answer = call("GET", f"/form?{'x' * 16_385}")
    assert answer.json == problem(400, "The query is longer than 16384 bytes.")
    answer = call("POST", "/form", body=b"x" * 257)
    assert answer.json == problem(413, "The body is longer than 256 bytes.")


def test_path_is_not_that_of_the_api(make_core_app):
    taken = "api_prefix must not begin with /diary, which is reserved"
    with pytest.raises(ConfigurationError, match=taken):
        make_core_app(route("/diary"), **{"apiserver.api_prefix": "/diary/v1"})
