"""What a program imports before it does anything: no more than it needs."""

import json
import subprocess
import sys
from importlib import metadata

import pytest
from packaging.utils import canonicalize_name

from tests.conftest import ROOT
from tests.installation.pins import requirements
from tests.served import clean_environment

pytestmark = pytest.mark.slow

SHOW = "\nimport json, sys\nprint('\\n' + json.dumps(sorted(sys.modules)))"
# Imported where they are installed: without them logs have no colours, neither have
# Mako's errors, oauthlib no signals, and setuptools takes the copies that it has.
OPTIONAL = {
    "backports-tarfile",
    "blinker",
    "colorlog",
    "more-itertools",
    "platformdirs",
    "pygments",
}


def imported(program: str, *arguments: str, url: str = "") -> set[str]:
    """Return the modules that a program has imported by its end."""
    code = f"import sys\nsys.argv[1:] = {list(arguments)!r}\n{program}{SHOW}"
    variables = clean_environment(DATABASE_URL=url)
    # The measuring of coverage is an import, too.
    unmeasured = {k: v for k, v in variables.items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=unmeasured,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


class TestServer:
    def test_imports_what_runtime_pins_alone(self, database_url):
        modules = imported(
            "from pyramid.paster import get_app, setup_logging\n"
            "setup_logging('development.ini')\n"
            "get_app('testing.ini')",
            url=database_url,
        )
        owners = metadata.packages_distributions()
        # Folders of several packages, as zope, say nothing.
        used = [owners.get(name, []) for name in modules if "." not in name]
        names = {canonicalize_name(each[0]) for each in used if len(set(each)) == 1}
        assert "pyramid" in names
        pinned = {canonicalize_name(each.name) for each in requirements("runtime.txt")}
        assert names - pinned <= {"apiserver", *OPTIONAL}


class TestCommands:
    @pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("sing",), ()])
    def test_import_what_they_need_once_they_are_chosen(self, arguments):
        modules = imported(
            "from apiserver import commands\ncommands.main()", *arguments
        )
        assert "apiserver.commands" in modules
        heavy = {"alembic", "apiserver.auth", "cornice", "psycopg", "sqlalchemy.orm"}
        assert modules & heavy == set()

    def test_need_alembic_for_migrating_alone(self, database_url):
        modules = imported(
            "from apiserver import commands\ncommands.main()",
            "purge-expired",
            "--ini=testing.ini",
            url=database_url,
        )
        assert "apiserver.users.views" in modules
        assert "alembic" not in modules


class TestTasks:
    def test_are_listed_without_what_one_of_them_needs(self):
        modules = imported("import tasks")
        assert "tasks.app.boilerplates" in modules
        # Inflect alone takes longer than all the rest.
        heavy = {"inflect", "typeguard", "IPython", "cornice", "alembic", "jinja2"}
        assert modules & {*heavy, "sqlalchemy.orm", "apiserver.auth"} == set()
