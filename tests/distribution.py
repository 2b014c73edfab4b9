"""Which worker runs which tests, and in what order, where slow ones alone are run.

A worker takes whole modules, since each worker that has a part of one starts its
servers anew. What takes longest begins first, so that no worker is left alone with it.
"""

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# How ids of tests begin that take long, longest first. The other tests of the clone
# wait for what the first one makes.
LONGEST = (
    "tests/clone/test_followed.py::TestProject::test_passes_its_tests",
    "tests/bad_input/test_work.py",
    "tests/installation/test_pips.py",
    "tests/browser/test_documentation.py",
    "tests/clients/test_npm.py",
    "tests/deploy/test_stacks.py",
    "tests/browser/test_arrival.py",
    "tests/clients/test_languages.py",
    "tests/lifecycle/test_model.py",
    "tests/clone/test_followed.py",
    "tests/invoke/test_rename.py",
    "tests/invoke/test_feature_nouns.py",
    "tests/deploy",
    "tests/faults",
    "tests/ops",
)
# Its tests share what one of the workers makes for all of them.
SHARING = "tests/clone/test_followed.py"
# What a module starts or makes in turn, for all of its tests.
IN_TURN = re.compile(
    r"\b(?:waitress|gunicorn|uwsgi|granian|chromium|firefox|go|java|ruby|rust)\b"
)
# Modules for which the same is started: the racers, a server and a client in Python.
TOGETHER = re.compile(r"/test_races\.py$|^tests/clients/test_python")


def scope_of(nodeid: str) -> str:
    """Return the name of what a worker runs at once, by the id of one of its tests."""
    module, _, test = nodeid.partition("::")
    if module == SHARING:
        return nodeid
    if together := TOGETHER.search(module):
        return together[0]
    in_turn = IN_TURN.search(test)
    return f"{module}[{in_turn[0]}]" if in_turn else module


class Scheduling(LoadScopeScheduling):
    """Gives each worker that has nothing left the next scope."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Give scopes where slow tests alone are run, unless the command line says how."""
    if not are_slow(config) or config.getvalue("dist") != "worksteal":
        return None
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def rank(nodeid: str) -> int:
    """Return which place a test has among the longest, which others come after."""
    places = (n for n, begins in enumerate(LONGEST) if nodeid.startswith(begins))
    return next(places, len(LONGEST))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Let the longest tests come first, where slow ones alone are run."""
    if are_slow(config):
        items.sort(key=lambda item: rank(item.nodeid))


def are_slow(config: Any) -> bool:
    return bool(config.option.markexpr == "slow")
