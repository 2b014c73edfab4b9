"""Which worker runs which tests, and in what order, where slow ones are among them.

A worker takes whole modules, since each worker that has a part of one starts its
servers anew. What takes longest begins first, so that no worker is left alone with it.
"""

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Modules of a minute or more, longest first.
LONGEST = (
    "tests/clone/test_followed.py",
    "tests/installation/test_pips.py",
    "tests/browser/test_documentation.py",
    "tests/clients/test_npm.py",
    "tests/deploy/test_stacks.py",
    "tests/deploy/test_machines.py",
    "tests/deploy/test_migration.py",
    "tests/deploy/test_mount.py",
    "tests/browser/test_arrival.py",
    "tests/clients/test_languages.py",
)
# Their tests share what one of the workers makes for all of them.
SHARING = {
    "tests/clone/test_followed.py",
    "tests/clients/test_languages.py",
}
# What a module starts in turn, for all of its tests.
STARTED = re.compile(r"\b(?:waitress|gunicorn|uwsgi|granian|chromium|firefox)\b")


def scope_of(nodeid: str) -> str:
    """Return the name of what a worker runs at once, by the id of one of its tests."""
    module, _, test = nodeid.partition("::")
    if module in SHARING:
        return nodeid
    # The processes of the racers are the same for all modules.
    if module.endswith("/test_races.py"):
        return "races"
    started = STARTED.search(test)
    return f"{module}[{started[0]}]" if started else module


class Scheduling(LoadScopeScheduling):
    """Gives each worker that has nothing left the next scope."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Let the quick tests alone be stolen one by one, or as the command line says."""
    if config.option.markexpr != "slow" or config.getvalue("dist") != "worksteal":
        return None
    config.option.loadscopereorder = False
    return Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Let the longest modules come first."""
    rank = {module: number for number, module in enumerate(LONGEST)}
    items.sort(key=lambda i: rank.get(i.nodeid.partition("::")[0], len(LONGEST)))
