"""The generator of features: what it writes is as the project is, and works."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from tests.conftest import ROOT, SERVER
from tests.served import BIN, clean_environment

TASK = "app.boilerplates.crud-module"

# Words that SQL reserves, two words, an irregular plural, the longest that may be, and
# names that features' code, their tests or pytest could take for something else.
FEATURES = {
    "orders": "",
    "blog_posts": "blog_post",
    "people": "",
    "subscription_plan_prices": "",
    "items": "",
    "properties": "",
    "test_cases": "",
    "commits": "",
    "indexes": "",
    "buyers": "owner",
}
# Of one feature all tests are run, with the walk; of the others those that touch the
# most.
WHOLE = "orders"
OF_OTHERS = "TestCreate or TestGet or TestDelete or TestRefusals or filter"


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
        modules = " or ".join(Path(name).stem for name in OF_THE_PROJECT)
        these = ("-k", f"{WHOLE} or {OF_OTHERS} or {modules}")
        paths = (*own, *OF_THE_PROJECT, *OF_ALL_ENDPOINTS)
        printed = run(project, *PYTEST, *paths, *these, **server)
        assert re.search(r"^\d{3} passed", printed, re.MULTILINE), printed

    def test_passes_its_tests_also_where_it_is_switched_off(self, project):
        testing = project / "testing.ini"
        text = testing.read_text("utf-8")
        shutil.copy(ROOT / "testing.ini", testing)
        printed = run(project, *PYTEST, "tests/people", "-k", OF_OTHERS)
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
