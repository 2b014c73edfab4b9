"""A project that has followed README, page and recipes passes the check, untouched.

It has changed what every project changes, too: its title, its settings, its documents,
columns of the features that came with it.
"""

import os
import re

import pytest

from tests.clone.copies import PYTEST, Copy, settings_of
from tests.recipes.documents import RECIPES
from tests.settings import ROOT, SHIPPED

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs/new-feature.md"
GENERATED = "blog_posts"
CHECKS = [
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy", "--strict"),
    ("lint-imports", "--no-logo"),
    ("alembic", "-c", "development.ini", "upgrade", "head"),
    ("alembic", "-c", "development.ini", "check"),
]
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
)
OF_EACH = (
    "tests/contract/test_walk.py",
    "tests/bad_input/test_bodies.py",
    "tests/bad_input/test_fields.py",
    "tests/bad_input/test_patches.py",
)
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
    """The project and its new features."""
    copy = Copy.make(tmp_path_factory.mktemp("followed"))
    documents = [PAGE, *sorted(RECIPES.glob("*.md"))]
    features = [name for each in documents for name in copy.follow(each)]
    taken = [n for n in (*features, GENERATED) if (ROOT / "apiserver" / n).exists()]
    if taken or not PAGE.exists() or not RECIPES.exists():
        pytest.skip(f"The documents are gone, or were followed: {taken}")
    copy.run("invoke", "app.boilerplates.crud-module", f"--module-name={GENERATED}")
    for name in SHIPPED.split()[:2]:
        change_model(copy, name)
    copy.run("alembic", "-c", "development.ini", "upgrade", "head")
    migrate = ("revision", "--autogenerate", "-m", "create all of them")
    copy.run("alembic", "-c", "development.ini", *migrate)
    lines = [line for each in documents for line in settings_of(each)]
    switch_on(copy, [*features, GENERATED], lines)
    write_own_readme(copy)
    copy.write_documents()
    return copy, [*features, GENERATED]


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
    order = [*sorted(features), *reversed(SHIPPED.split())]
    for ini in ("development", "testing"):
        copy.set(ini, *lines, *own, features=order)


def write_own_readme(copy):
    """Add to the README what nobody else knows."""
    with (copy.folder / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("\n## Shop\n\n```bash\n./ship.sh\n```\n\nSee `ops/shop.toml`.\n")


class TestProject:
    def test_is_linted_typed_and_migrated(self, followed):
        copy, _ = followed
        for check in CHECKS:
            copy.run(*check)

    def test_passes_its_tests(self, followed):
        copy, features = followed
        quick = ("-m", "not slow")
        if os.environ.get("TEST_CLONE") == "whole":
            copy.run("python", "-m", "pytest", "-q", "-n", "auto", *quick)
            return
        generated = f"tests/{GENERATED}"
        printed = copy.run(*PYTEST, *quick, generated, *OF_ALL)
        assert re.search(r"^\d{3,} passed", printed, re.MULTILINE), printed
        these = ("-k", " or ".join([*features, "jobs"]))
        printed = copy.run(*PYTEST, *quick, *OF_EACH, *these)
        assert re.search(r"^\d{3,} passed", printed, re.MULTILINE), printed
