"""A project that has followed README, page and recipes passes the check, untouched.

It has changed what every project changes, too: its title, its settings, its documents,
columns of the features that came with it.
"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from tests.clone.copies import IGNORED, PYTEST, Copy, made_once, settings_of
from tests.clone.generated import GENERATED, PLAIN, WITH_FIELDS, generate
from tests.recipes.documents import RECIPES
from tests.settings import OPTIONAL, ROOT, SHIPPED

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs/new-feature.md"
# Of these all tests are run, of the first with those of all endpoints; of the others
# those that touch the most.
WHOLE, WRITTEN = "blog_posts", "notes"
WHOLES = (WHOLE, WRITTEN, *WITH_FIELDS)
OF_OTHERS = "TestCreate or TestGet or TestDelete or TestRefusals or filter"
CHECKS = [
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy", "--strict"),
    ("lint-imports", "--no-logo"),
]
# Up, compared with the models, and down, as commands in one process.
MIGRATE = """
from alembic.config import main
for ini in ("testing.ini", "production.ini"):
    for words in (["upgrade", "head"], ["check"], ["downgrade", "base"]):
        main(["-c", ini, *words])
"""
# On PostgreSQL, where it may find differences: the recipes' tables were compared on
# SQLite, which has no index for words.
MIGRATE_ON_POSTGRESQL = """
from alembic.config import main
for words in (["upgrade", "head"], ["check"], ["downgrade", "base"]):
    try:
        main(["-c", "production.ini", *words])
    except SystemExit:
        assert words == ["check"]
"""
REVISE = """
from alembic.config import main
for words in (["upgrade", "head"], ["revision", "--autogenerate", "-m", "create all"]):
    main(["-c", "development.ini", *words])
"""
# What looks at all features, or has tables of the same names as those of a clone.
OF_ALL = (
    "tests/test_layout.py",
    "tests/test_statements.py",
    "tests/test_migrations.py",
    "tests/test_readme.py",
    "tests/contract/test_places.py",
    "tests/contract/test_routes.py",
    "tests/contract/test_snapshot.py",
    "tests/recipes/test_nested_objects.py",
    "tests/recipes/test_second_version.py",
    "tests/core/test_transactions.py",
    "tests/core/test_openapi.py",
)
WALK = "tests/contract/test_walk.py"
# Of two that are generated, one of them with fields, and one that is written by hand.
OF_THREE = (
    "tests/bad_input/test_bodies.py",
    "tests/bad_input/test_fields.py",
    "tests/bad_input/test_patches.py",
)
PATHS = (*OF_ALL, WALK, *OF_THREE, *(f"tests/{n}" for n in (WRITTEN, *GENERATED)))
# What a project says in its ini files.
OWN = {
    "title": "Shop",
    "issuer": "https://shop.example.org",
    "signup": "closed",
    "captcha": "off",
    "api_prefix": "/api/v7",
    "login_attempts": "3",
    "rate_limit": "60/minute",
}


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The project, and the features that its documents make."""
    basetemp = tmp_path_factory.getbasetemp()
    folder, features = made_once(basetemp, "followed", follow)
    taken = [n for n in (*features, *GENERATED) if (ROOT / "apiserver" / n).exists()]
    if taken or not features:
        pytest.skip(f"The documents are gone, or were followed: {taken}")
    return Copy(folder), features


def follow(folder):
    """Make a copy, with all features; return those that the documents make."""
    copy = Copy.make(folder)
    documents = [PAGE, *sorted(RECIPES.glob("*.md"))]
    if not PAGE.exists() or not RECIPES.exists():
        return []
    features = [name for each in documents for name in copy.follow(each)]
    if any((ROOT / "apiserver" / name).exists() for name in (*features, *GENERATED)):
        return features
    generate(copy)
    for name in SHIPPED.split()[:2]:
        change_model(copy, name)
    copy.run("python", "-c", REVISE)
    lines = [line for each in documents for line in settings_of(each)]
    switch_on(copy, [*features, *GENERATED], lines)
    write_own_readme(copy)
    copy.write_documents()
    return features


def change_model(copy, name):
    """Add a column to the model of a feature that is shipped."""
    column = "    motto: Mapped[str | None] = mapped_column(String(80))"
    pattern = rf'^(    __tablename__ = "{name.removesuffix("s")}")$'
    copy.change(f"apiserver/{name}/models.py", pattern, rf"\1\n{column}")


def switch_on(copy, features, lines):
    """Switch all on, in another order, with settings of the project's own."""
    own = [f"apiserver.{name} = {value}" for name, value in OWN.items()]
    for name in OWN:
        for ini in ("development", "testing"):
            path = copy.folder / f"{ini}.ini"
            path.write_text(
                re.sub(rf"(?m)^apiserver\.{name} = .*\n", "", path.read_text())
            )
    # What the others stand on comes first.
    users, *others = [name for name in SHIPPED.split() if name not in OPTIONAL]
    optional = [name for name in SHIPPED.split() if name in OPTIONAL]
    order = [users, *reversed(others), *optional, *sorted(features)]
    for ini in ("development", "testing"):
        copy.set(ini, *lines, *own, features=order)


def write_own_readme(copy):
    """Add to the README what nobody else knows."""
    with (copy.folder / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("\n## Shop\n\n```bash\n./ship.sh\n```\n\nSee `ops/shop.toml`.\n")


def chosen(features):
    """Return which tests of the paths are run, as pytest is told."""
    either = " or ".join
    with_fields, *_ = WITH_FIELDS
    return either(
        [
            f"(not bad_input and not test_walk and ({either(WHOLES)}))",
            f"(bad_input and ({WHOLE} or {WRITTEN} or {with_fields}))",
            f"(test_walk and ({either(['jobs', WHOLE, *features, with_fields])}))",
            *(Path(path).stem for path in OF_ALL),
            OF_OTHERS,
        ]
    )


class TestProject:
    def test_passes_the_check(self, followed):
        copy, _ = followed
        for check in CHECKS:
            copy.run(*check)
        for version in ("swagger", "openapi"):
            document = json.loads((copy.folder / f"docs/{version}.json").read_text())
            assert version in document
            validate(document)
            for name in PLAIN:
                assert {"get", "post"} <= document["paths"][f"/{name}/"].keys()

    def test_is_migrated_to_its_models(self, followed, tmp_path):
        copy, _ = followed
        url = f"sqlite:///{tmp_path}/database"
        printed = copy.run("python", "-c", MIGRATE, DATABASE_URL=url)
        assert printed.count("No new upgrade operations detected.") == 2

    def test_is_migrated_on_postgresql(self, followed, own_postgresql):
        copy, _ = followed
        url = own_postgresql.make_database()
        printed = copy.run("python", "-c", MIGRATE_ON_POSTGRESQL, DATABASE_URL=url)
        assert re.findall(r"'(?:add|remove|modify)_\w+', \w+\('(\w+)", printed) in (
            [],
            ["ix_book_words"],
        )

    def test_passes_its_tests(self, followed):
        copy, features = followed
        quick = ("-m", "not slow")
        if os.environ.get("TEST_CLONE") == "whole":
            copy.run("python", "-m", "pytest", "-q", "-n", "auto", *quick)
            return
        # At once: to make an application of so many features takes seconds.
        printed = copy.run(*PYTEST, *quick, *PATHS, "-k", chosen(features))
        assert re.search(r"^\d{3,} passed", printed, re.MULTILINE), printed

    def test_passes_the_tests_of_what_is_switched_off(self, followed, tmp_path):
        copy, _ = followed
        off = Copy(tmp_path / "project")
        shutil.copytree(copy.folder, off.folder, ignore=IGNORED)
        shutil.copy(ROOT / "testing.ini", off.folder)
        printed = off.run(*PYTEST, "tests/people", "-k", OF_OTHERS)
        assert re.search(r"^\d+ passed", printed, re.MULTILINE), printed
