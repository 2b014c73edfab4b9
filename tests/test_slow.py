"""Which tests make test leaves out."""

from types import SimpleNamespace

import pytest

from tests.markdown import ROOT
from tests.slow import FOLDERS, pytest_ignore_collect


def ignored(folder, markers):
    config = SimpleNamespace(option=SimpleNamespace(markexpr=markers))
    return pytest_ignore_collect(ROOT / "tests" / folder, config)


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_slow_folder_is_left_out_by_make_test_alone(folder):
    assert ignored(folder, "not slow")
    assert ignored(folder, "") is None
    assert ignored(folder, "slow") is None


def test_others_are_collected():
    assert ignored("teams", "not slow") is None


def test_those_are_the_words_of_make():
    assert '-m "not slow"' in (ROOT / "Makefile").read_text("utf-8")
