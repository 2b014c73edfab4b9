"""What is built of the project: without a warning, and with all that it needs."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

# What setuptools adds.
ADDED = re.compile(r"(PKG-INFO|setup\.cfg|[^/]*\.egg-info/.*|.*/)?")


def tracked():
    done = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name for name in done.stdout.split("\0") if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What is built in a copy of the project, and what was printed meanwhile."""
    folder = tmp_path_factory.mktemp("copy")
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    dist = tmp_path_factory.mktemp("dist")
    build = ("build", "--no-isolation", "--outdir", dist, ".")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", *build],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return dist, done.stdout


class TestBuild:
    def test_says_nothing_of_what_is_wrong(self, built):
        said = re.findall(
            r".*(?:warning|deprecated|absent from|no files|no previously).*",
            built[1],
            flags=re.IGNORECASE,
        )
        assert said == []

    def test_packs_all_that_git_holds(self, built):
        (sdist,) = built[0].glob("*.tar.gz")
        with tarfile.open(sdist) as packed:
            names = {m.name.partition("/")[2] for m in packed if m.isfile()}
        assert {name for name in names if not ADDED.fullmatch(name)} == tracked()

    def test_installs_all_of_the_package(self, built):
        (wheel,) = built[0].glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            names = {name for name in packed.namelist() if ".dist-info/" not in name}
        assert names == {name for name in tracked() if name.startswith("apiserver/")}
