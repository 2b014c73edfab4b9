"""Each pip that people have takes the files of pins, as they are.

``TEST_PIPS`` names versions that take all files at once, since most of the time goes
into asking the index for each package: .ci/run names them all. Without it the oldest is
tried, with what `make run` installs. That each file is complete by itself, extras
included, is shown by ``test_pins.py``.
"""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.installation.pins import FILES

NAMED = os.environ.get("TEST_PIPS", "").split()
CASES = [(version, FILES) for version in NAMED] or [("23.0.1", ["runtime.txt"])]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def pip(tmp_path_factory):
    """A function that returns how to call a version of pip."""
    folders = {}

    def find(version):
        if version not in folders:
            folders[version] = tmp_path_factory.mktemp("pip")
            name = "pip" if version == "newest" else f"pip=={version}"
            install = ("install", "--quiet", "--target", folders[version], name)
            subprocess.run([sys.executable, "-m", "pip", *install], check=True)  # noqa: S603
        return folders[version] / "pip"

    return find


@pytest.mark.parametrize(("version", "files"), CASES)
def test_takes_the_pins_without_a_word(pip, version, files):
    options = ("--quiet", "--dry-run", "--ignore-installed", "--require-hashes")
    pins = [word for file in files for word in ("-r", file)]
    # The index of a machine may have places that don't exist: that is its business.
    own = "WARNING: Location "
    done = subprocess.run(  # noqa: S603
        [sys.executable, pip(version), "install", *options, *pins],
        cwd=ROOT / "requirements",
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if not line.startswith(own)]
    assert (done.returncode, said) == (0, [])
