"""Headers of responses: what can't be sent is a mistake, wherever it was added."""

import logging

import pytest
from pyramid.httpexceptions import HTTPFound, HTTPSeeOther
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.core.http.response import to_uri, unsendable_header
from tests.core.notes import NoteClient, notes, words, write
from tests.problems import problem

UNSENDABLE = [
    *("a\r\nX-Evil: 1", "a\rb", "a\nb", "\0", "\t", "\x1f", "\x7f", "\x85", "€"),
    *("\ud800", 3, b"bytes", None),
]


def with_header(value):
    """Return what writes a note, and answers with the header."""

    def act(request):
        write(request)
        request.extra_headers.append(("X-Some", value))

    return act


@pytest.mark.parametrize("value", UNSENDABLE, ids=ascii)
class TestUnsendable:
    def test_is_a_mistake_that_changes_nothing(self, note_app, call, caplog, value):
        response = call(with_header(value))
        assert response.json == problem(500, "An internal error occurred.")
        assert {"X-Some", "X-Evil"}.isdisjoint(response.headers)
        number = response.headers["X-Request-Id"]
        assert response.json["request_id"] == number
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert words(note_app) == []
        # Its value is not logged.
        (record,) = (r for r in caplog.records if r.levelno == logging.ERROR)
        assert record.getMessage() == f"Request {number}: 'X-Some' can't be sent"


@pytest.mark.parametrize("value", ["", "plain", "\xa0é\xff", "a" * 10_000])
def test_what_can_be_sent_is_sent_as_it_is(note_app, call, value):
    response = call(with_header(value))
    assert (response.status_int, response.headers["X-Some"]) == (200, value)
    assert words(note_app) == ["x"]


class TestPlace:
    """The check is around everything that adds a header."""

    def refused(self, app, path):
        response = NoteClient(app).get(path)
        assert response.json == problem(500, "An internal error occurred.")
        assert "X-Evil" not in response.headers

    def test_is_outside_of_tweens(self, make_core_app):
        app = make_core_app(notes, lambda config: config.add_tween(f"{__name__}.tween"))
        self.refused(app, "/notes/")

    def test_is_of_responses_of_any_class(self, make_core_app):
        def feature(config):
            config.add_route("other", "/other")
            config.add_view(
                lambda request: evil(request.response),
                route_name="other",
                permission=NO_PERMISSION_REQUIRED,
            )

        self.refused(make_core_app(feature), "/other")


def evil(response):
    response.headerlist.append(("X-Some", "a\r\nX-Evil: 1"))
    return response


def tween(handler, registry):
    return lambda request: evil(handler(request))


class TestLocation:
    @pytest.mark.parametrize(
        ("location", "uri"),
        [
            ("/elsewhere", "/elsewhere"),
            ("https://[::1]:80/a;b?c=d&e#f", "https://[::1]:80/a;b?c=d&e#f"),
            ("com.example.app:/cb?x=%41~", "com.example.app:/cb?x=%41~"),
            ("/a\r\nSet-Cookie: evil=1", "/a%0D%0ASet-Cookie:%20evil=1"),
            ("/\0\t\x7f\x85", "/%00%09%7F%C2%85"),
            ("/€?é", "/%E2%82%AC?%C3%A9"),
            ("/100%?%zz%4", "/100%25?%25zz%254"),
            ('/"<>\\^`{|}', "/%22%3C%3E%5C%5E%60%7B%7C%7D"),
        ],
        ids=ascii,
    )
    def test_is_a_uri(self, call, location, uri):
        def act(request):
            error = HTTPSeeOther("/")
            # Its own setter refuses a part of these.
            error.headers["Location"] = location
            raise error

        assert to_uri(location) == uri
        response = call(act)
        assert response.status_int == 303
        assert response.headers["Location"] == uri
        assert response.headers["Cache-Control"] == "no-store"

    def test_does_not_follow_the_host(self, call):
        def act(request):
            raise HTTPFound("/elsewhere")

        response = call(act, headers={"Host": "evil.example"})
        assert response.headers["Location"] == "/elsewhere"

    @pytest.mark.parametrize(
        ("query", "sent"),
        [
            ("x=%0d%0a%E2%82%AC", "x=%0d%0a%E2%82%AC"),
            ("x=\xc3\xa9", "x=%C3%A9"),
            ('x=\x01\x7f"<', "x=%01%7F%22%3C"),
            ("x=%", "x=%25"),
        ],
        ids=ascii,
    )
    def test_of_a_missing_slash_keeps_the_query(self, note_app, query, sent):
        response = NoteClient(note_app).call("GET", f"/api/v1/notes?{query}")
        assert response.status_int == 308
        assert response.headers["Location"] == f"/api/v1/notes/?{sent}"


def test_names_the_header_that_is_to_blame(note_app):
    response = NoteClient(note_app).call("GET", "/api/v1/notes/")
    assert unsendable_header(response) is None
    response.headerlist.append(("X-Other", "\x7f"))
    assert unsendable_header(response) == "X-Other"
