"""Which tests make test leaves out, and which PostgreSQL can make a difference to."""

from types import SimpleNamespace

import pytest

from tests.databases import asks_for_database
from tests.markdown import ROOT
from tests.slow import FOLDERS, pytest_ignore_collect, pytest_itemcollected


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


def test_module_without_slow_tests_is_left_out_where_those_are_run():
    assert ignored("teams/test_teams.py", "slow")
    assert ignored("teams/test_teams.py", "") is None
    for module in ("teams/test_races.py", "deploy/test_mount.py", "teams"):
        assert ignored(module, "slow") is None


def test_module_has_to_say_that_it_has_slow_tests():
    item = SimpleNamespace(
        path=ROOT / "tests/teams/test_teams.py",
        name="test_a",
        module=None,
        get_closest_marker=dict.fromkeys(["slow"], True).get,
    )
    with pytest.raises(pytest.UsageError, match="has to say that test_a is slow"):
        pytest_itemcollected(item)


@pytest.mark.parametrize(
    ("names", "marks", "asks"),
    [
        (["api", "make_database"], [], True),
        (["make_core_app"], [], False),
        (["make_core_app"], ["skipif"], True),
    ],
)
def test_asks_for_a_database(names, marks, asks):
    item = SimpleNamespace(
        fixturenames=names,
        module=None,
        get_closest_marker=dict.fromkeys(marks, True).get,
    )
    assert asks_for_database(item) is asks


def test_those_are_the_words_of_make():
    assert '-m "not slow"' in (ROOT / "Makefile").read_text("utf-8")
