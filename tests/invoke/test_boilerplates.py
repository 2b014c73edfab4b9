"""The generator of features: what it refuses, and that what it writes is whole."""

import json
import re
import shutil
import subprocess

import pytest
from openapi_spec_validator import validate

from tasks.feature.names import LONGEST, BadName, Names
from tests.conftest import ROOT, SERVER
from tests.served import BIN, clean_environment

TASK = "app.boilerplates.crud-module"

# A word that SQL reserves, two words, an irregular plural, the longest that may be.
FEATURES = {
    "orders": "",
    "blog_posts": "blog_post",
    "people": "",
    "subscription_plan_prices": "",
}

REFUSED = [
    *(
        (name, "is no name of a feature: take small letters, digits and single")
        for name in ("1x", "Foo-Bar", "foo__bar", "_foo", "foo_", "a b", "café", "../x")
    ),
    ("x" * (LONGEST + 1), "is too long: take at most 24 characters."),
    ("class", "class is a word of Python."),
    ("classes", "class is a word of Python."),
    ("lists", "list is a word of Python."),
    ("key_errors", "key_error is a word of Python."),
    ("teams", "There is apiserver/teams already."),
    ("core", "There is apiserver/core already."),
    ("commands", "There is apiserver/commands already."),
    ("bad_input", "There is tests/bad_input already."),
    ("sheep", "The feature and one of its objects are both sheep."),
    ("person", "person is no plural that is known here."),
    ("members", "There is a class Member already, in apiserver/teams/schemas.py."),
    ("items", "There is a class Item already, in apiserver/core/resources.py."),
    ("oauth2_clients", "There is a table oauth2_client already, in apiserver/auth"),
    ("homes", "There is a route home already."),
    ("models", "A node has an attribute model already."),
    ("anys", "any is a word of Python."),
    ("strings", "String would have two meanings in apiserver/strings/models.py."),
]


def snapshot():
    """Return the files that the generator could have changed."""
    return sorted(
        str(path)
        for folder in ("apiserver", "migrations", "tests")
        for path in (ROOT / folder).rglob("*")
        if "__pycache__" not in path.parts
    )


class TestRefusals:
    @pytest.mark.parametrize(("name", "sentence"), REFUSED)
    def test_of_a_name_change_nothing(self, invoke, name, sentence):
        before = snapshot()
        status, printed, error = invoke(TASK, f"--module-name={name}")
        assert (status, printed) == (1, "")
        assert sentence in error
        assert error.count("\n") == 1
        assert snapshot() == before

    @pytest.mark.parametrize(
        ("singular", "sentence"),
        [
            ("post", "The feature and one of its objects are both post."),
            ("Post", "Post is no name of a feature"),
            ("class", "class is a word of Python."),
            ("team", "There is a class Team already, in apiserver/teams/models.py."),
            ("home", "There is a route home already."),
        ],
    )
    def test_of_a_singular_change_nothing(self, invoke, singular, sentence):
        before = snapshot()
        status, _, error = invoke(
            TASK, "--module-name=post", f"--module-name-singular={singular}"
        )
        assert status == 1
        assert sentence in error
        assert snapshot() == before

    def test_of_settings_that_are_missing(self, invoke):
        done = invoke(TASK, "--module-name=posts", "--ini=missing.ini")
        assert done == (1, "", "There is no file missing.ini.\n")


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

    def test_singular_of_what_is_none_is_asked_for(self):
        with pytest.raises(BadName, match="--module-name-singular"):
            Names.of("person")


def made(folder):
    """Copy the project, and add the features, switched on by a line in each ini."""
    for name in ("apiserver", "migrations", "tasks", "tests", "docs"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for path in (*ROOT.glob("*.ini"), *ROOT.glob("*.toml"), *ROOT.glob("*.md")):
        shutil.copy(path, folder)
    words = [
        word
        for plural, singular in FEATURES.items()
        for word in (
            TASK,
            f"--module-name={plural}",
            *([f"--module-name-singular={singular}"] if singular else []),
        )
    ]
    printed = run(folder, "invoke", *words)
    told = re.findall(
        r"^ +(apiserver\.features = users teams auth) \w+$", printed, re.M
    )
    assert len(told) == len(FEATURES)
    for ini in folder.glob("*.ini"):
        text = ini.read_text("utf-8")
        assert told[0] in text
        ini.write_text(text.replace(told[0], f"{told[0]} {' '.join(FEATURES)}"))
    return folder


def run(folder, program, *arguments, status=0, **environment):
    """Run a program of the project in a copy of it; return what it has printed.

    The copy's lines don't count as covered but for the tasks', which pyproject.toml
    takes for the project's.
    """
    cleaned = clean_environment(
        PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1", **environment
    )
    if program != "invoke":
        cleaned = {k: v for k, v in cleaned.items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(  # noqa: S603
        [BIN / program, *arguments],
        cwd=folder,
        env=cleaned,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return made(tmp_path_factory.mktemp("project"))


CHECKS = [
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy", "--strict"),
    ("lint-imports", "--no-logo"),
]
OF_THE_PROJECT = (
    "tests/test_layout.py",
    "tests/test_migrations.py",
    "tests/contract/test_snapshot.py",
    "tests/core/test_openapi.py",
)
# The proof of permissions, and bad input.
OF_ALL_ENDPOINTS = ("tests/contract/test_walk.py", "tests/bad_input/test_patches.py")
PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")


# Up, compared with the models, and down, as three commands in one process.
MIGRATE = """
import sys
from alembic.config import main
for words in (["upgrade", "head"], ["check"], ["downgrade", "base"]):
    main(["-c", sys.argv[1], *words])
"""


def documents_in(text):
    """Return the JSON documents that follow each other in a text."""
    decoder, documents = json.JSONDecoder(), []
    while text := text.strip():
        document, end = decoder.raw_decode(text)
        documents.append(document)
        text = text[end:]
    return documents


@pytest.mark.slow
class TestFeature:
    def test_is_as_the_project_is(self, project):
        for command in CHECKS:
            run(project, *command)

    @pytest.mark.parametrize("ini", ["testing.ini", "production.ini"])
    def test_is_migrated_to_its_models(self, project, ini, tmp_path):
        url = f"sqlite:///{tmp_path}/database"
        printed = run(project, "python", "-c", MIGRATE, ini, DATABASE_URL=url)
        assert "No new upgrade operations detected." in printed

    def test_passes_its_own_tests_and_those_of_the_project(self, project):
        server = {"TEST_DATABASE_URL": SERVER} if SERVER else {}
        own = [f"tests/{name}" for name in FEATURES]
        printed = run(project, *PYTEST, *own, *OF_THE_PROJECT, **server)
        assert re.search(r"^\d{4} passed", printed, re.MULTILINE), printed
        these = ("-k", " or ".join(FEATURES))
        printed = run(project, *PYTEST, *OF_ALL_ENDPOINTS, *these, **server)
        assert re.search(r"^\d{2,} passed", printed, re.MULTILINE), printed

    def test_passes_its_tests_also_where_it_is_switched_off(self, project):
        testing = project / "testing.ini"
        text = testing.read_text("utf-8")
        shutil.copy(ROOT / "testing.ini", testing)
        printed = run(project, *PYTEST, "tests/people")
        testing.write_text(text, "utf-8")
        assert re.search(r"^\d+ passed", printed, re.MULTILINE), printed

    def test_is_documented_validly(self, project):
        # Two documents, one after the other.
        tasks = ("app.swagger", "app.swagger", "--openapi")
        documents = documents_in(run(project, "invoke", *tasks))
        for version, document in zip(("swagger", "openapi"), documents, strict=True):
            assert version in document
            validate(document)
            for name in FEATURES:
                assert {"get", "post"} <= document["paths"][f"/{name}/"].keys()
