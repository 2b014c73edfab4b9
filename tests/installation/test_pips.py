"""Each pip that people have takes each file of pins, as it is.

Without ``TEST_PIPS``, which names the versions, it is the oldest with what `make run`
installs: .ci/run tests them all with all files, which takes minutes.
"""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.installation.pins import FILES

PIPS = os.environ.get("TEST_PIPS", "").split()
ASKED = FILES if PIPS else ["runtime.txt"]

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


@pytest.mark.parametrize("version", PIPS or ["23.0.1"])
@pytest.mark.parametrize("file", ASKED)
def test_takes_the_pins_without_a_word(pip, version, file):
    options = ("--quiet", "--dry-run", "--ignore-installed", "--require-hashes")
    # The index of a machine may have places that don't exist: that is its business.
    own = "WARNING: Location "
    done = subprocess.run(  # noqa: S603
        [sys.executable, pip(version), "install", *options, "-r", file],
        cwd=ROOT / "requirements",
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if not line.startswith(own)]
    assert (done.returncode, said) == (0, [])
