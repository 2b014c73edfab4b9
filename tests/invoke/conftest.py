"""The tasks, as ``invoke`` runs them, on a database of their own."""

from functools import partial

import pytest

from tests.doors import Door, run_task
from tests.served import in_process


@pytest.fixture
def url(tmp_path):
    """The URL of a database that is not even migrated."""
    return f"sqlite:///{tmp_path}/tasks.db"


@pytest.fixture
def invoke(url, capsys, monkeypatch):
    """A function that runs a task in this process; status, output and errors."""
    return Door(run_task, url, capsys, monkeypatch)


@pytest.fixture
def process(url):
    """A function that runs a task in a process, as ``in_process`` says."""
    return partial(in_process, "invoke", url=url)
