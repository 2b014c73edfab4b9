"""The programs of requirements/, which make runs before anything is installed."""

from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

REQUIREMENTS = ROOT / "requirements"


@pytest.fixture(scope="session", autouse=True)
def programs() -> Iterator[None]:
    """Let tests import them, as they import each other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(REQUIREMENTS))
        yield
