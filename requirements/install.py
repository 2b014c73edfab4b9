"""Install what is pinned, and the project, into a virtual environment.

    python3 requirements/install.py .venv testing

make calls it before whatever it runs. The sets are ``runtime``, ``testing`` and
``development``. Where the set is installed already, it ends at once. It needs the
standard library alone, and a Python that is too old can read it, to be told so.

uv installs, since it takes seconds where pip takes minutes; pip goes on where there is
no uv for the machine, or where uv fails.
"""

import argparse
import fcntl
import importlib.util
import os
import subprocess
import sys
import time
import venv
from collections.abc import Mapping
from pathlib import Path

import pip_settings
from environment import ROOT, SETS, Environment

OLDEST = (3, 11)
# How often to say that an installation goes on, in seconds.
PATIENCE = 15
NOTHING: "Mapping[str, str]" = {}
# Where pip is told to install elsewhere, it can't install into the environment.
PIP = {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def main() -> None:
    """Install a set, unless it is there."""
    parser = argparse.ArgumentParser(description="Install what is pinned.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("set", choices=SETS)
    parser.add_argument(
        "--this-python",
        action="store_true",
        help="make the environment anew where another version of Python has made it",
    )
    options = parser.parse_args()
    wanted = dotted(sys.version_info[:2]) if options.this_python else ""
    with open(__file__) as lock:
        # One at a time: make run and make test may begin in two terminals.
        fcntl.flock(lock, fcntl.LOCK_EX)
        provide(Environment(options.folder), options.set, wanted)


def provide(environment: Environment, name: str, wanted: str) -> None:
    """Make the environment where it has to be made; install what it lacks."""
    folder = environment.folder
    if folder.exists() and any(folder.iterdir()):
        if not environment.is_one():
            sys.exit(f"{folder} is no virtual environment. Name another: make VENV=….")
        fault = environment.fault(wanted)
        if fault:
            say(f"{folder} is made anew. {fault}")
            environment.empty()
    if environment.has(name):
        return
    began = time.monotonic()
    if not environment.python.exists():
        make(environment)
    with environment.installing(name):
        install(environment, f"requirements/{name}.txt")
    say(f"Installed in {time.monotonic() - began:.0f} s.")


def make(environment: Environment) -> None:
    """Make the environment, with the pip that this Python has brought."""
    version = dotted(sys.version_info[:3])
    if sys.version_info < OLDEST:
        sys.exit(
            f"{sys.executable} is Python {version}, which is too old. Install Python"
            f" {dotted(OLDEST)} or newer, or name it: make PYTHON=python3.12."
        )
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            f"{sys.executable} can't make virtual environments. Install its venv module"
            " (Debian and Ubuntu: apt install python3-venv)."
        )
    say(f"Making {environment.folder} with Python {version}.")
    environment.folder.mkdir(parents=True, exist_ok=True)
    environment.unfinished.touch()
    venv.create(environment.folder, with_pip=True, symlinks=True)


def install(environment: Environment, pins: str) -> None:
    """Install pins and the project: by uv, or else by pip."""
    count = sum("==" in line for line in (ROOT / pins).read_text("utf-8").splitlines())
    say(f"Installing {count} packages of {pins}.")
    python = str(environment.python.absolute())
    if not (environment.folder / "bin/pip").exists():
        run([python, "-m", "ensurepip"])
    pip = [python, "-m", "pip", "install", "--quiet"]
    fetch = ["--only-binary", ":all:", "--require-hashes", "-r", "requirements/uv.txt"]
    if run([*pip, *fetch]):
        failed = "uv can't be had here."
    else:
        failed = install_by_uv(environment, pins)
    if failed:
        say(f"{failed}\nSo pip installs, which takes longer.")
        # Whatever uv has left half-done looks complete to pip. The pins are all that is
        # needed, so pip has nothing to resolve: before 24.0 it trips over extras.
        failed = install_by([*pip, "--force-reinstall", "--no-deps"], pins)
    if failed:
        sys.exit(f"{failed}\n{pins} could not be installed; above is why.")


def install_by_uv(environment: Environment, pins: str) -> str:
    """Install by uv, told what pip has been told; return what it says if it fails."""
    python = str(environment.python.absolute())
    told = pip_settings.read(python)
    command = [str(environment.folder.absolute() / "bin/uv"), "pip", "install"]
    # Without bytecode each start would compile, where PYTHONDONTWRITEBYTECODE is set.
    command += ["--quiet", "--compile-bytecode", "--python", python]
    command += ["--no-index"] if told.get("no-index") in pip_settings.TRUE else []
    command += ["--reinstall"] if environment.interrupted else []
    return install_by(command, pins, pip_settings.for_uv(told, os.environ))


def install_by(
    command: "list[str]", pins: str, settings: "Mapping[str, str]" = NOTHING
) -> str:
    """Install pins and project by pip or uv; return what it says if it fails."""
    failed = run([*command, "--require-hashes", "-r", pins], settings)
    # All that the build needs is among the pins, so it fetches nothing unpinned. Each
    # time anew, since its pserve takes the place of Pyramid's.
    project = ["--no-deps", "--no-build-isolation", "--force-reinstall", "-e", "."]
    return failed or run([*command, *project], settings)


def run(command: "list[str]", settings: "Mapping[str, str]" = NOTHING) -> str:
    """Run a program, saying that it goes on; return what it says if it fails."""
    began = time.monotonic()
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=ROOT,
        env={**os.environ, **PIP, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        while True:
            try:
                printed, _ = process.communicate(timeout=PATIENCE)
                break
            except subprocess.TimeoutExpired:
                say(f"Still installing, for {time.monotonic() - began:.0f} s now.")
    if process.returncode == 0:
        return ""
    return printed.strip() or f"{command[0]} has ended with {process.returncode}"


def dotted(version: "tuple[int, ...]") -> str:
    """Return a version as it is written, ``3.11``."""
    return ".".join(map(str, version))


def say(sentence: str) -> None:
    """Print at once what is being done."""
    print(sentence, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
