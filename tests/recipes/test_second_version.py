"""The recipe of a second version of the API, beside the first."""

import sys

import pytest
from openapi_spec_validator import validate
from paste.deploy import loadapp
from webtest import TestApp

import apiserver
from apiserver.core.openapi import own_document
from tests.markdown import blocks
from tests.recipes.documents import RECIPES
from tests.settings import shipped_ini

DOCUMENT = RECIPES / "second-version.md"
FILES = ("teams_v2/__init__.py", "versions.py")
MODULES = ("teams_v2", "versions")
TEAM = "/teams/{team_id}"


@pytest.fixture(scope="module")
def load(tmp_path_factory, database_url):
    """A function that loads a section of the ini file that the document makes."""
    (added,) = [b.text for b in blocks(DOCUMENT) if b.language == "ini"]
    text = shipped_ini("testing.ini")
    ini = tmp_path_factory.mktemp("versions") / "local.ini"
    ini.write_text(f"{text}\n{added}")
    texts = [b.text for b in blocks(DOCUMENT) if b.language == "python"]
    folder = ini.parent / "apiserver"
    for file, text in zip(FILES, texts, strict=True):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", database_url)
        patch.setattr(apiserver, "__path__", [*apiserver.__path__, str(folder)])
        yield lambda name: loadapp(f"config:{ini}", name)
    for name in MODULES:
        # A test that loads no application has imported none of them.
        if sys.modules.pop(f"apiserver.{name}", None):
            delattr(apiserver, name)


@pytest.fixture(scope="module")
def apps(load):
    """The applications of both versions."""
    apps = [load(name) for name in ("main", "v2")]
    engines = [
        sessions.kw["bind"]
        for app in apps
        for sessions in (app.registry.write_sessions, app.registry.read_sessions)
    ]
    yield apps
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="module")
def both(load):
    """The client of the door that leads to both."""
    return TestApp(load("both"))


@pytest.fixture
def clients(api, apps, make_user):
    """The clients of one user, of the first version and of the second."""
    user = make_user()
    first, second = (api(user, app=app) for app in apps)
    second.prefix = "/api/v2"
    return first, second


class TestAnswers:
    def test_of_the_second_version_is_the_new_one(self, clients):
        first, second = clients
        created = first.post("/teams/", {"title": "Engineers"}).json
        path = f"/teams/{created['id']}"
        old, new = first.get(path), second.get(path)
        assert old.json == created
        assert new.json == {
            "id": created["id"],
            "title": "Engineers",
            "member_count": 1,
        }
        assert old.headers["ETag"] != new.headers["ETag"]

    def test_go_on_where_nothing_has_changed(self, clients):
        _, second = clients
        answer = second.post("/teams/", {"title": "Engineers"})
        assert answer.status_int == 201
        assert answer.headers["Location"] == f"/api/v2/teams/{answer.json['id']}"
        path = answer.headers["Location"].removeprefix("/api/v2")
        etag = second.get(path).headers["ETag"]
        patch = [{"op": "replace", "path": "/title", "value": "Analysts"}]
        for status in (200, 412):
            changed = second.patch(path, patch, headers={"If-Match": etag})
            assert changed.status_int == status
        assert second.get("/teams/").json[0]["title"] == "Analysts"
        assert second.options(path).headers["Allow"] == (
            "GET, HEAD, PATCH, DELETE, OPTIONS"
        )
        assert second.delete(path).status_int == 204


class TestDocuments:
    def test_are_of_one_version_each(self, both):
        for prefix, answers in (("/api/v1", "TeamDetail"), ("/api/v2", "TeamOverview")):
            swagger = both.get(f"{prefix}/swagger.json").json
            openapi = both.get(f"{prefix}/openapi.json").json
            validate(swagger)
            validate(openapi)
            assert swagger["basePath"] == prefix
            assert openapi["servers"] == [{"url": prefix}]
            answer = swagger["paths"][TEAM]["get"]["responses"]["200"]
            assert answer["schema"] == {"$ref": f"#/definitions/{answers}"}

    def test_differ_in_the_answer_alone(self, apps):
        first, second = (own_document(app.registry)["paths"] for app in apps)
        # Invitations stand on the teams of the first version.
        first = {path: each for path, each in first.items() if "invit" not in path}
        assert list(first) == list(second)
        differ = [
            (path, method)
            for path, item in first.items()
            for method in item
            if without_url(item[method]) != without_url(second[path][method])
        ]
        # What PATCH answers is no longer the object as GET shows it: it has no ETag.
        assert differ == [(TEAM, "get"), (TEAM, "patch")]
        answers = [each[TEAM]["patch"]["responses"]["200"] for each in (first, second)]
        assert ["ETag" in answer["headers"] for answer in answers] == [True, False]


def without_url(operation):
    """Return the operation as it would be at the first version's path."""
    return eval(repr(operation).replace("/api/v2", "/api/v1"))  # noqa: S307


class TestDoor:
    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/api/v1/teams/", 401),
            ("/api/v2/teams/", 401),
            ("/api/v2", 308),
            ("/api/v20/teams/", 404),
            ("/api/v3/teams/", 404),
            ("/healthz", 200),
            ("/auth/login", 200),
        ],
    )
    def test_leads_to_each(self, both, path, status):
        assert both.get(path, expect_errors=True).status_int == status
