"""What is slow by nature: `make test` leaves it out, `make test-all` runs it.

Folders are not even imported then, so what only their tests need (a browser's driver,
the schemas of Kubernetes) may be missing. Other modules, classes and tests that start
servers or programs say ``pytest.mark.slow`` themselves.
"""

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from apiserver.core.endpoints.services import services_of
from tests.databases import asks_for_database
from tests.gone import is_left_out
from tests.settings import project

FOLDERS = {"browser", "clients", "deploy", "faults", "fuzz"}
# Those go to each endpoint.
WALKS = {"contract", "bad_input"}
# It starts processes.
FIXTURE = "racers"
# What says in a module that tests of it are slow.
SAYS_SLOW = re.compile(rf"\b(mark\.slow|{FIXTURE})\b")


def pytest_ignore_collect(collection_path: Path, config: Any) -> bool | None:
    """Leave the slow folders alone where the slow tests are left out.

    And modules without slow tests where those alone are run: each worker would import
    three times as much. And the tests of features that are gone.
    """
    wanted = config.option.markexpr
    left_out = wanted == "not slow" and is_slow(collection_path)
    left_out = left_out or (wanted == "slow" and is_quick(collection_path))
    return True if left_out or is_left_out(collection_path) else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: Any) -> int | None:
    """Take a worker more than there are cores where half of the time tests wait."""
    said = "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ
    is_quick = config.option.markexpr == "not slow"
    return None if said or is_quick else (os.cpu_count() or 1) + 1


def pytest_itemcollected(item: Any) -> None:
    is_example = is_of_example(item)
    if is_example:
        item.add_marker(pytest.mark.example)
    fixtures = getattr(item, "fixturenames", ())
    if is_example or is_slow(item.path.parent) or FIXTURE in fixtures:
        item.add_marker(pytest.mark.slow)
    if is_quick(item.path) and item.get_closest_marker("slow"):
        raise pytest.UsageError(f"{item.path} has to say that {item.name} is slow.")
    if asks_for_database(item):
        item.add_marker(pytest.mark.database)


def is_of_example(item: Any) -> bool:
    """Whether a walk has come to an endpoint of an example, which is one among many."""
    if item.path.parent.name not in WALKS or not hasattr(item, "callspec"):
        return False
    return any(path in item.callspec.id for path in paths_of_examples())


@cache
def paths_of_examples() -> list[str]:
    """Return the paths that only the examples have."""
    return [
        service.path
        for service in services_of(project().registry)
        if any(
            view.__module__.startswith("examples.")
            for _, view, _ in service.definitions
        )
    ]


@cache
def is_quick(path: Path) -> bool:
    """Whether a path is a module none of whose tests is slow."""
    if path.suffix != ".py" or is_slow(path.parent) or path.parent.name in WALKS:
        return False
    return SAYS_SLOW.search(path.read_text("utf-8")) is None


def is_slow(path: Path) -> bool:
    """Whether a path is one of the folders."""
    return path.parent == Path(__file__).parent and path.name in FOLDERS
