"""A path without placeholders is looked up, and leads where Pyramid says."""

from threading import Event, Thread, current_thread

import pytest
from pyramid.request import Request
from pyramid.urldispatch import RoutesMapper

from apiserver.core.http.routes import Routes

PATTERNS = (
    ("files", "/files/*subpath"),
    ("home", "/"),
    ("shadowed", "/files/a"),
    ("things", "things/"),
    ("own", "/things/own"),
    ("thing", "/things/{thing_id}"),
    ("late", "/things/late"),
    ("twice", "/things/own"),
    ("odd", "/:old"),
    ("letter", "/ä"),
)


def never(info, request):
    return False


def filled(mapper):
    mapper.connect("refused", "/things/", predicates=(never,))
    for name, pattern in PATTERNS:
        mapper.connect(name, pattern)
    return mapper


def found(mapper, path):
    request = Request.blank("/")
    request.environ["PATH_INFO"] = path
    info = mapper(request)
    return info["route"] and info["route"].name, info["match"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "home"),
        ("", "home"),
        ("/files/a", "files"),
        ("/things/", "things"),
        ("/things/\n", "things"),
        ("/things/own", "own"),
        ("/things/7", "thing"),
        ("/things/late", "thing"),
        ("/things/7/8", None),
        ("/anything", "odd"),
        ("/\xc3\xa4", "odd"),
    ],
)
def test_route_is_the_one_that_pyramid_finds(path, name):
    assert found(filled(Routes()), path)[0] == name
    assert found(filled(Routes()), path) == found(filled(RoutesMapper()), path)


def test_route_that_comes_later_is_found():
    mapper = filled(Routes())
    assert found(mapper, "/late") == ("odd", {"old": "late"})
    mapper.connect("odd", "/odd")
    mapper.connect("late", "/late")
    assert found(mapper, "/late") == ("late", {})


class TestManyAtOnce:
    def test_are_found_while_another_request_arranges_them(self):
        """As in a server whose first requests come at the same time."""
        routes = Routes()
        first, second, _ = (routes.connect(n, f"/{n}") for n in ("one", "two", "three"))
        has_begun, is_seen = Event(), Event()
        other = Thread(target=routes, args=(Request.blank("/one"),))

        def wait_in_other(path):
            if current_thread() is other:
                has_begun.set()
                is_seen.wait()

        def begin_other(path):
            if current_thread() is not other:
                other.start()
                has_begun.wait()

        first.match, second.match = wait_in_other, begin_other
        names = [found(routes, path)[0] for path in ("/one", "/two", "/three")]
        is_seen.set()
        other.join()
        assert names == ["one", "two", "three"]
