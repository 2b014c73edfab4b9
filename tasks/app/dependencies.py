"""The project's pinned dependencies."""

import subprocess
import sys

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit

from tasks import console
from tasks.declaring import task

PINS = {False: "requirements/development.txt", True: "requirements/runtime.txt"}


@task(
    help={
        "runtime": "Only what the server needs, without the development tools.",
        "dry_run": "Show what would be installed.",
    }
)
def install(context: Context, runtime: bool = False, dry_run: bool = False) -> None:
    """Install the pinned dependencies and the project into this environment."""
    options = ["--dry-run"] if dry_run else []
    pip(*options, "--require-hashes", "-r", PINS[runtime])
    # The build needs only what is pinned, so nothing else is downloaded for it.
    pip(*options, "--no-deps", "--no-build-isolation", "--editable", ".")


def pip(*arguments: str) -> None:
    """Run ``pip install``, which shows its own progress."""
    command = [sys.executable, "-m", "pip", "install", *arguments]
    done = subprocess.run(command, cwd=console.ROOT, check=False)  # noqa: S603
    if done.returncode:
        raise Exit(code=done.returncode)


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection("dependencies", install)
