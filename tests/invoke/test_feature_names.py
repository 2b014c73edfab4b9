"""Which names the generator of features refuses, and which others it finds."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apiserver.core.db import Base
from tasks.feature import declarations, writing
from tasks.feature.generating import Asked, prepared
from tasks.feature.names import LONGEST, BadName, Names
from tasks.feature.shape import Shape

NOUNS = Path(__file__).with_name("nouns.txt").read_text("utf-8").split()

ONE = "name one of them with --module-name-singular"


def other(name):
    return f"choose another name, for example blog_{name}, or {ONE}."


# By the kind of what they would collide with, or of what would fail.
REFUSED = {
    # They are no names.
    "1x": "'1x' is not a valid name; use lowercase letters, digits and single",
    "BlogPosts": "underscores, for example blog_posts.",
    "Foo-Bar": "underscores, for example foo_bar.",
    "foo__bar": "underscores, for example foo_bar.",
    "_foo": "underscores, for example foo.",
    "foo_": "underscores, for example foo.",
    "a b": "underscores, for example a_b.",
    "café": r"'caf\xe9' is not a valid name;",
    "٣s": r"'\u0663s' is not a valid name;",
    "posts\n": r"'posts\n' is not a valid name;",
    "../x": "'../x' is not a valid name; use lowercase letters, digits and single",
    "": "'' is not a valid name;",
    "ß" * 5000: r"xdf…' is not a valid name;",
    "x" * (LONGEST + 1): "is too long; use at most 24 characters.",
    "x": "is too short; use at least 2 characters.",
    # Words of Python.
    "class": "class is a Python keyword; choose another name, for example blog_class.",
    "classes": f"class is a Python keyword; {other('classes')}",
    "nones": "None is a Python keyword;",
    "key_errors": "KeyError is a Python keyword;",
    # Files, folders, and modules of the tests.
    "teams": "apiserver/teams already exists; choose another name, for example blog_",
    "core": "apiserver/core already exists;",
    "shell": "apiserver/shell.py already exists;",
    "bad_input": "tests/bad_input already exists;",
    "events": "tests/events.py already exists; choose another name, for example "
    "blog_events.",
    "factories": "tests/factories.py already exists;",
    "conftest": "tests/conftest.py already exists;",
    "main": "apiserver/__init__.py uses the name main;",
    "build": "pytest skips folders named build;",
    "utils": "The name utils is too generic;",
    "tmp_files": "ruff doesn't allow names that begin with tmp;",
    # What features have declared, switched on or off.
    "members": "apiserver/teams/schemas.py already has a class Member;",
    "team_details": "already has a class TeamDetail;",
    "oauth2clients": "already has a class OAuth2Client;",
    "oauth2_clients": "already has a class OAuth2Client;",
    "grants": "already has a class GrantPermission;",
    "homes": "apiserver/core/openapi/swagger_ui.py already has a route home;",
    "openapi_jsons": "A route openapi_json already exists;",
    "roles": "The role role:owner would apply to the whole server;",
    # The database.
    "stored_objects": "apiserver/core/files/models.py already has a table stored_obj",
    "alembic_versions": "A table or index alembic_version already exists;",
    "pk_users": "A table or index pk_user already exists;",
    "user_id_seqs": "A table or index user_id_seq already exists;",
    "pg_classes": "PostgreSQL doesn't allow names that begin with pg_;",
    "sqlite_masters": "SQLite doesn't allow names that begin with sqlite_;",
    # The feature's own code.
    "models": "Every node of the tree already has an attribute model; "
    f"{other('models')}",
    "requests": "Every node of the tree already has an attribute request;",
    "anys": "Any would have two meanings in",
    # The singular.
    "sheep": f"One of the sheep can't also be called sheep; {ONE}, for example sheep_",
    "person": f"The singular of person is unknown; {ONE}.",
}

# Singulars that are refused, of posts.
SINGULARS = {
    "posts": "One of the posts can't also be called posts;",
    "Post": "'Post' is not a valid name; use lowercase letters",
    "class": f"class is a Python keyword; {other('posts')}",
    "team": "apiserver/teams/models.py already has a class Team;",
    "home": "already has a route home;",
}


@pytest.fixture(scope="session")
def refusal(app):
    """A function that returns why a name is refused, or nothing."""

    def refuse(plural, singular=""):
        try:
            prepared(Asked(plural, singular), app.registry)
        except BadName as error:
            return str(error)
        return ""

    return refuse


class TestRefusals:
    @pytest.mark.parametrize("name", REFUSED)
    def test_of_a_name(self, refusal, name):
        assert REFUSED[name] in refusal(name)

    @pytest.mark.parametrize("singular", SINGULARS)
    def test_of_a_singular(self, refusal, singular):
        assert SINGULARS[singular] in refusal("posts", singular)

    def test_of_a_table_that_only_a_migration_makes(self, refusal, monkeypatch):
        migrations = [("create_table", "post"), ("create_table", "tag")]
        calls = frozenset([*migrations, ("drop_table", "tag")])
        monkeypatch.setattr(
            "tasks.feature.collisions.tables_in_migration", lambda *args: calls
        )
        assert "A migration already creates a table post;" in refusal("posts")
        assert refusal("tags") == ""

    def test_of_tables_that_are_there(self, refusal):
        for table in sorted(Base.metadata.tables)[::9]:
            assert refusal("things", table) != ""


class TestNames:
    @pytest.mark.parametrize(
        ("plural", "singular", "name"),
        [
            ("posts", "post", "Post"),
            ("blog_posts", "blog_post", "BlogPost"),
            ("categories", "category", "Category"),
            ("people", "person", "Person"),
            ("sales_people", "sales_person", "SalesPerson"),
            ("vertices", "vertex", "Vertex"),
            ("statuses", "status", "Status"),
            ("analyses", "analysis", "Analysis"),
            ("children", "child", "Child"),
            ("media", "medium", "Medium"),
            ("movies", "movie", "Movie"),
        ],
    )
    def test_singular_is_found(self, plural, singular, name):
        names = Names.of(plural)
        assert (names.singular, names.class_name) == (singular, name)

    def test_given_singular_is_taken(self):
        assert Names.of("news", "news_item").class_name == "NewsItem"

    def test_articles_are_right(self):
        phrases = [Names.of(plural).context() for plural in ("orders", "hours", "uses")]
        words = ["an order", "an hour", "a use"]
        assert [each["a_word"] for each in phrases] == words

    def test_builtins_are_not_hidden(self):
        context = Names.of("properties").context()
        assert (context["services"], context["service"]) == ("properties", "property_")


def accepted_or_refused(refusal, plural, singular=""):
    """Check the sentence, or that the files can be compiled; return what it was."""
    sentence = refusal(plural, singular)
    if sentence:
        assert re.fullmatch(r"[^\n]+; (choose|name|use) [^\n]+\.", sentence)
        assert "Traceback" not in sentence
        return False
    files = writing.render(Shape(Names.of(plural, singular)))
    for path, text in files.items():
        ast.parse(text, path)
        assert len(set(declarations.bound_in(text, path))) == len(
            list(declarations.bound_in(text, path))
        )
    return True


class TestNouns:
    def test_are_accepted_or_refused(self, refusal):
        # tests/invoke/test_feature_nouns.py takes all of them.
        nouns = NOUNS[::20]
        accepted = [noun for noun in nouns if accepted_or_refused(refusal, noun)]
        assert len(accepted) > 0.7 * len(nouns)

    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.from_regex(r"[a-z0-9_]{1,26}", fullmatch=True), st.text(max_size=30))
    def test_that_are_none_are_accepted_or_refused(self, refusal, name, text):
        accepted_or_refused(refusal, f"{name}s")
        accepted_or_refused(refusal, name, "thing")
        accepted_or_refused(refusal, text, "thing")
        accepted_or_refused(refusal, "things", name)
