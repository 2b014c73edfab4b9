"""Programs and servers that some tests need, and may be missing.

Tests and modules say so by ``needs("curl")``, fixtures by ``need("curl")``. Where a
tool is missing, they are skipped with the reason; with TEST_TOOLS=required, as in
.ci/run, they fail.
"""

import os
import shutil
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from redis import Redis, RedisError

BIN = Path(sys.executable).parent
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
# Not the wrapper in the path, which is for one server of the machine.
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")

# Compilers that look at generated clients, where there happen to be some.
OPTIONAL = {"go", "javac", "ruby", "rustfmt"}


def path_of(program: str) -> str | None:
    """Return where a program is; not all are in everybody's path."""
    folders = (
        str(BIN),
        os.environ.get("PATH", os.defpath),
        "/usr/local/sbin",
        "/usr/sbin",
    )
    return shutil.which(program, path=os.pathsep.join(folders))


def postgresql_is_there() -> bool:
    """Whether servers can be started: by root as another user."""
    return bool(POSTGRESQL) and (os.geteuid() != 0 or path_of("runuser") is not None)


def redis_answers() -> bool:
    try:
        with Redis.from_url(REDIS_URL) as client:
            return bool(client.ping())
    except RedisError:
        return False


# Those that aren't just programs.
FOUND: dict[str, Callable[[], bool]] = {
    "PostgreSQL": postgresql_is_there,
    "Redis": redis_answers,
    "RabbitMQ": lambda: os.access(RABBITMQ, os.X_OK),
    "Dramatiq": lambda: find_spec("dramatiq") is not None,
    "OpenAPI Generator": lambda: find_spec("openapi_generator_cli") is not None,
}
CURES = {
    "Dramatiq": "install requirements/development.txt",
    "OpenAPI Generator": "install requirements/codegen.txt",
    **dict.fromkeys(
        ("gunicorn", "uwsgi", "granian"), "install requirements/servers.txt"
    ),
    "Redis": "start it, or name it in TEST_REDIS_URL",
}


@cache
def is_there(tool: str) -> bool:
    found = FOUND.get(tool, lambda: path_of(tool) is not None)
    return found()


def need(tool: str) -> None:
    """Skip the test, or fail it, where the tool is missing."""
    if is_there(tool):
        return
    reason = f"There is no {tool}" + (f": {CURES[tool]}." if tool in CURES else ".")
    if os.environ.get("TEST_TOOLS") == "required" and tool not in OPTIONAL:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def needs(*tools: str) -> pytest.MarkDecorator:
    """Return the mark of a test, a class or a module that needs these tools."""
    return pytest.mark.needs(*tools)


def pytest_runtest_setup(item: Any) -> None:
    """Look for the tools before any fixture begins."""
    for mark in item.iter_markers("needs"):
        for tool in mark.args:
            need(tool)
