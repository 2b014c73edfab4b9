"""Which tests a worker runs at once."""

import pytest

from tests.distribution import LONGEST, SHARING, rank, scope_of
from tests.markdown import ROOT


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/ops/test_worker.py::TestA::test_b", "tests/ops/test_worker.py"),
        ("tests/deploy/test_a.py::test_b[uwsgi-1]", "tests/deploy/test_a.py[uwsgi]"),
        (
            "tests/browser/test_a.py::test_b[firefox]",
            "tests/browser/test_a.py[firefox]",
        ),
        ("tests/clients/test_a.py::TestA::test_b[go]", "tests/clients/test_a.py[go]"),
        ("tests/teams/test_races.py::test_a", "/test_races.py"),
        ("tests/users/test_races.py::test_a", "/test_races.py"),
        ("tests/clients/test_python_b.py::test_a", "tests/clients/test_python"),
    ],
)
def test_scope_is_what_one_start_is_enough_for(nodeid, scope):
    assert scope_of(nodeid) == scope


def test_tests_that_share_among_workers_are_each_given_to_one():
    assert scope_of(f"{SHARING}::test_a") == f"{SHARING}::test_a"


def test_what_is_named_exists():
    for named in (*LONGEST, SHARING):
        path, _, test = named.partition("::")
        assert (ROOT / path).exists()
        if test:
            name = test.rpartition("::")[2]
            assert f"def {name}(" in (ROOT / path).read_text("utf-8")


def test_longest_come_first():
    long, longer = LONGEST[1], f"{LONGEST[0]}[1]"
    ids = ["tests/teams/test_a.py::test_b", f"{long}::test_c", longer]
    assert sorted(ids, key=rank) == ids[::-1]


def test_those_are_the_words_of_make():
    assert "--dist worksteal" in (ROOT / "Makefile").read_text("utf-8")
