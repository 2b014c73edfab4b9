"""Declaring endpoints: what a server refuses to start with, what it can do without."""

import pytest
from pyramid.authorization import Allow
from pyramid.exceptions import ConfigurationError

import apiserver
from apiserver.core.endpoints import ApiService, ResponseSchema
from apiserver.core.endpoints.services import services_of
from apiserver.core.tree import SIGNED_IN, Collection, Item, Permission, Resource
from apiserver.core.tree.resources import Root
from tests.client import Client
from tests.core.samples import samples
from tests.factories import PASSWORD

DONE = {"200": ResponseSchema("Done.")}


class CupPermission(Permission):
    READ = ("cup:read", "cups:read", "See a cup.")


class CupResource(Item):
    __acl__ = [(Allow, SIGNED_IN, [CupPermission.READ])]
    noun = "cup"


class CupCollection(Collection):
    item = CupResource
    children = {"best": Resource}


def view(request):
    """Do nothing."""


def feature(*paths, node=CupCollection, scope="cups:read"):
    """Return a feature with an endpoint at each path."""

    def include(config):
        config.add_scope(scope, "See cups.")
        config.add_node("cups", node)
        for path in paths:
            service = ApiService(path, path)
            service.get(permission=CupPermission.READ, response_schemas=DONE)(view)
            config.add_cornice_service(service)

    return include


class TestApiService:
    @pytest.mark.parametrize("permission", [None, "cup:read", CupPermission])
    def test_refuses_a_view_without_a_permission(self, permission):
        service = ApiService("cups", "/cups/")
        with pytest.raises(ConfigurationError, match="view declares no permission"):
            service.get(permission=permission, response_schemas=DONE)(view)

    def test_knows_its_permissions_by_method(self):
        service = ApiService("cups", "/cups/")
        with pytest.raises(TypeError, match="permission"):
            service.get(response_schemas=DONE)(view)
        read = CupPermission.READ
        service.get(permission=read, response_schemas=DONE)(view)
        assert service.permissions == {"GET": read, "HEAD": read}


def test_created_has_no_location_where_nothing_is_below(make_core_app):
    client = Client(make_core_app(samples))
    response = client.post("/samples/echoes/", {"required": "x"})
    assert (response.status_int, response.json) == (201, {"required": "x"})
    assert "Location" not in response.headers


class TestStart:
    def test_refuses_a_scope_that_nobody_has_registered(self, make_core_app):
        sentence = "cup:read needs the scope cups:read, which no feature has registered"
        with pytest.raises(ConfigurationError, match=sentence):
            make_core_app(feature("/cups/", scope="mugs:read"))

    def test_refuses_an_acl_with_what_is_no_permission(self, make_core_app):
        class Careless(CupCollection):
            __acl__ = [(Allow, SIGNED_IN, [CupPermission.READ, "cup:edit"])]

        sentence = r"Careless grants \['cup:edit'\], which is not a permission"
        with pytest.raises(ConfigurationError, match=sentence):
            make_core_app(feature("/cups/", node=Careless))

    def test_refuses_two_features_at_one_node(self, make_core_app):
        with pytest.raises(ConfigurationError, match="Two features claim /cups"):
            make_core_app(feature(), lambda config: config.add_node("cups", Resource))

    @pytest.mark.parametrize(
        "path",
        ["/mugs/", "/cups/worst", "/cups/{cup_id}/parts/", "/cups/best/{cup_id}"],
    )
    def test_refuses_an_endpoint_beside_the_tree(self, make_core_app, path):
        with pytest.raises(
            ConfigurationError, match=f"There is no node of the tree at {path}"
        ):
            make_core_app(feature(path))

    def test_refuses_two_endpoints_at_the_same_urls(self, make_core_app):
        sentence = "/cups/{cup_id} and /cups/{id} are the same URLs"
        with pytest.raises(ConfigurationError, match=sentence):
            make_core_app(feature("/cups/{cup_id}", "/cups/{id}"))

    def test_finds_names_before_keys(self, make_core_app):
        paths = ["/cups/{cup_id}", "/cups/best", "/cups/"]
        for order in (paths, paths[::-1]):
            app = make_core_app(feature(*order))
            routes = app.routes_mapper.get_routes()
            found = [each.pattern.rpartition("api/v1")[2] for each in routes]
            assert set(paths) < set(found)
            assert found.index("/cups/best") < found.index("/cups/{cup_id}")

    def test_keeps_the_services_of_applications_apart(self, make_core_app):
        first = make_core_app(feature("/cups/"))
        second = make_core_app(feature("/cups/best"))
        paths = [[s.path for s in services_of(a.registry)] for a in (first, second)]
        assert paths == [["/cups/"], ["/cups/best"]]


@pytest.fixture(scope="module")
def users_alone(database_url):
    """The application without teams and OAuth2, nor their settings."""
    settings = {
        "sqlalchemy.url": database_url,
        "apiserver.features": "users",
        "apiserver.production": "false",
        "apiserver.captcha": "static",
        "apiserver.captcha_secret": "secret_key",
    }
    app = apiserver.main({}, **settings)
    yield app
    for sessions in (app.registry.write_sessions, app.registry.read_sessions):
        sessions.kw["bind"].engine.dispose()


class TestFeatures:
    def test_that_are_left_out_leave_out_their_scopes_and_nodes(self, users_alone):
        registry = users_alone.registry
        assert set(registry.scopes) == {"users:read", "users:write"}
        assert set(registry.tree[Root]) == {"users"}
        paths = {service.path.split("/")[1] for service in services_of(registry)}
        assert paths == {"users"}

    def test_that_are_left_out_are_not_found(self, api, users_alone):
        client = api(app=users_alone)
        for path in ("/api/v1/teams/", "/api/v1/teams", "/auth/oauth2/token"):
            for method in ("GET", "POST", "OPTIONS"):
                assert client.call(method, path).status_int == 404

    def test_work_without_those_that_are_left_out(self, api, users_alone):
        client = api(app=users_alone)
        newcomer = {
            "username": "newcomer",
            "email": "newcomer@example.com",
            "password": PASSWORD,
            "recaptcha_key": "secret_key",
        }
        assert client.get("/users/signup-form").json["captcha"] == "static"
        assert client.post("/users/", newcomer).status_int == 201
        assert client.post("/users/", newcomer).status_int == 409
        assert client.get("/users/me").status_int == 401

    @pytest.mark.parametrize(
        ("features", "sentence"),
        [
            ("users", r"Unknown settings: .*oauth2_"),
            ("users nonsense", "contains nonsense, which is unknown; "),
        ],
    )
    def test_that_are_left_out_have_no_settings(
        self, make_app, database_url, features, sentence
    ):
        with pytest.raises(ConfigurationError, match=sentence):
            make_app(database_url, features=features)
