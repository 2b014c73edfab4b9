"""Cornice as its users know it, and Pyramid's plain views beside its services."""

import pytest
from cornice import Service
from pyramid.authorization import Allow
from pyramid.exceptions import ConfigurationError
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from apiserver.core.endpoints import ApiService, ResponseSchema
from apiserver.core.schemas import Object, Text
from apiserver.core.tree import ANYONE, Permission, Resource, Role
from tests.core.notes import NoteClient, words, write
from tests.problems import invalid

NOBODY = Role("role:nobody", "nobody")


class MugPermission(Permission):
    READ = ("mug:read", None, "See the mugs.")
    ADD = ("mug:add", None, "Add a mug.")


class MugCollection(Resource):
    __acl__ = [
        (Allow, ANYONE, [MugPermission.READ]),
        (Allow, ANYONE, [MugPermission.ADD]),
    ]


class Mug(Object):
    color = Text(1, 20)


def not_green(request, **kw):
    if request.validated["body"]["color"] == "green":
        request.errors.add("body", "color", "Must not be green.")


def say_tea(response, request):
    response.headers["X-Tea"] = request.current_service.name
    return response


def mugs(*wrap):
    """Return a feature with the endpoint of mugs, as ``wrap`` makes another of it."""

    def include(config):
        config.add_node("mugs", MugCollection)
        service = ApiService("mugs", "/mugs/", filters=[say_tea])

        @service.post(
            permission=MugPermission.ADD,
            takes=Mug,
            validators=[not_green],
            response_schemas={"200": ResponseSchema("The mug.", Mug)},
        )
        def add_mug(request):
            """Add a mug."""
            write(request, "mug")
            color = request.validated["body"]["color"]
            if color == "blue":
                request.errors.add("body", "color", "Is out of stock.")
            return type("Row", (), {"color": color})

        @service.get(permission=MugPermission.READ)
        def see_mugs(request):
            """See nothing."""

        for each in wrap:
            service = each(service)
        config.add_cornice_service(service)

    return include


@pytest.fixture(params=["declared", "taken over"])
def client(request, note_database, make_core_app):
    """A client of the endpoint, and of the same taken over by another version."""
    url = note_database.registry.settings["sqlalchemy.url"]
    wrap = () if request.param == "declared" else (lambda s: s.without("GET"),)
    return NoteClient(make_core_app(mugs(*wrap), **{"sqlalchemy.url": url}))


class TestService:
    def test_has_validators_that_follow_the_schema(self, client):
        answer = client.post("/mugs/", {"color": "red"})
        assert (answer.status_int, answer.json) == (200, {"color": "red"})
        # What a filter says of it.
        assert answer.headers["X-Tea"] == "mugs"
        answer = client.post("/mugs/", {"color": "green"})
        assert answer.json == invalid(color="Must not be green.")
        answer = client.post("/mugs/", {"color": ""})
        assert [each["name"] for each in answer.json["errors"]] == ["color"]

    def test_undoes_what_was_written_where_a_view_adds_errors(self, client, note_app):
        answer = client.post("/mugs/", {"color": "blue"})
        assert answer.json == invalid(color="Is out of stock.")
        assert words(note_app) == []


def view(request):
    """Say that it is there."""
    request.response.text = "there"
    return request.response


class Badge(Resource):
    """Where a plain view is."""

    __acl__ = [
        (Allow, ANYONE, [MugPermission.READ]),
        (Allow, NOBODY, [MugPermission.ADD]),
    ]


def plain(**options):
    """Return a feature with a plain view at ``/badge``."""

    def include(config):
        config.add_route("badge", "/badge", factory=Badge)
        config.add_view(view, route_name="badge", **options)

    return include


@view_config(route_name="badge")
def decorated(request):
    """Do nothing."""


class TestPlainView:
    @pytest.mark.parametrize(
        ("permission", "status"),
        [
            (MugPermission.READ, 200),
            (NO_PERMISSION_REQUIRED, 200),
            (MugPermission.ADD, 401),
        ],
    )
    def test_is_called_by_who_may(self, make_core_app, permission, status):
        client = NoteClient(make_core_app(plain(permission=permission)))
        assert client.get("/badge").status_int == status

    @pytest.mark.parametrize("options", [{}, {"permission": None}, {"permission": "a"}])
    def test_has_a_permission(self, make_core_app, options):
        wrong = "The view view declares no permission: give it a Permission, or"
        with pytest.raises(ConfigurationError, match=wrong):
            make_core_app(plain(**options))

    def test_has_a_permission_also_where_it_is_found_by_a_scan(self, make_core_app):
        def include(config):
            config.add_route("badge", "/badge")
            config.scan(__name__)

        with pytest.raises(ConfigurationError, match="The view decorated declares no"):
            make_core_app(include)

    def test_takes_the_default(self, make_core_app):
        def include(config):
            config.set_default_permission(MugPermission.ADD)
            plain()(config)

        client = NoteClient(make_core_app(include))
        assert client.get("/badge").status_int == 401


class TestPlainService:
    def badge(self, view, **options):
        def include(config):
            service = Service("badge", "/badge", **options)
            service.get()(view)
            config.add_cornice_service(service)

        return include

    def test_has_a_permission(self, make_core_app):
        with pytest.raises(ConfigurationError, match="The view view__GET declares no"):
            make_core_app(self.badge(view))

    def test_answers_as_cornice_does(self, make_core_app):
        there = {"is": "there"}
        free = {"permission": NO_PERMISSION_REQUIRED}
        client = NoteClient(make_core_app(self.badge(lambda request: there, **free)))
        assert client.get("/badge").json == there


class TestRequestMethod:
    """What features add to requests overrides what these have, as in Pyramid."""

    def test_is_seen(self, make_core_app):
        def include(config):
            config.add_request_method(lambda request: 7, "caller_id", property=True)
            config.add_request_method(lambda request, n: n + 1, "more")
            config.add_route("badge", "/badge")
            config.add_view(
                lambda request: {"caller": request.caller_id, "more": request.more(1)},
                route_name="badge",
                renderer="json",
                permission=NO_PERMISSION_REQUIRED,
            )

        client = NoteClient(make_core_app(include))
        assert client.get("/badge").json == {"caller": 7, "more": 2}
