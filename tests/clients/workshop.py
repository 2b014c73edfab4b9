"""Where clients are made: once, for all the workers of the suite."""

import fcntl
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doors import run_task
from tests.forked import in_fork
from tests.markdown import ROOT
from tests.served import BIN, clean_environment, development_ini

VERSION = "1.2.3"
GENERATOR = "OpenAPI Generator"


class Workshop:
    """A folder with the settings of the clients, in which they are generated."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.once("settings", self.copy)

    def once(self, name: str, make: Callable[[], None]) -> None:
        """Make something, unless a worker has; while one does, others wait."""
        self.folder.mkdir(exist_ok=True)
        made = self.folder / f"{name}.made"
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                make()
                made.touch()

    def copy(self) -> None:
        ignored = shutil.ignore_patterns("dist")
        shutil.copytree(ROOT / "clients", self.folder / "clients", ignore=ignored)
        development_ini(self.folder)

    def generate(self, language: str) -> Path:
        """Return the folder of a generated client."""
        words = ["--language", language, "--version", VERSION]
        ini = ["--ini", str(self.folder / "development.ini")]
        task = ("app.swagger.codegen", *words, *ini)

        def make() -> None:
            about = {"environment": clean_environment(), "folder": self.folder}
            status, *said = in_fork(run_task, *task, **about)
            assert status == 0, said

        self.once(language, make)
        return self.folder / "clients" / language / "dist"

    def install(self, language: str) -> Path:
        """Return the folder in which a Python client is installed."""
        dist = self.generate(language)
        target = self.folder / "installed"
        pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
        options = ["--no-build-isolation", "--target", str(target), str(dist)]
        self.once(f"{language}-installed", lambda: run([*pip, *options], self.folder))
        return target

    def build(self, language: str) -> Path:
        """Return the folder of an npm package with its dependencies, built."""
        dist = self.generate(language)

        def make() -> None:
            npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            run([*npm, "--prefer-offline"], dist)
            run(["npm", "run", "build"], dist)

        self.once(f"{language}-built", make)
        return dist


def run(command: list[str], folder: Path, **environment: str) -> str:
    """Run a program; return what it prints, and fail with it if it fails."""
    done = subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env=clean_environment(**environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def programs(package: Path, folder: Path, sources: dict[str, str]) -> Path:
    """Make a folder with programs in TypeScript or JavaScript that use a package.

    Return it; what Node.js runs has the name of the source, with ``.js`` at its end.
    """
    modules = folder / "node_modules"
    modules.mkdir(parents=True)
    (modules / "apiserver-client").symlink_to(package)
    for dependency in (package / "node_modules").glob("axios"):
        (modules / dependency.name).symlink_to(dependency)
    (folder / "package.json").write_text('{"type": "module"}')
    for name, source in sources.items():
        (folder / name).write_text(source)
    if any(name.endswith(".ts") for name in sources):
        (folder / "tsconfig.json").write_text(TSCONFIG)
        run([str(package / "node_modules/.bin/tsc")], folder)
    return folder


TSCONFIG = """{
  "compilerOptions": {
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "target": "es2022",
    "lib": ["es2022", "dom"],
    "module": "nodenext",
    "skipDefaultLibCheck": true,
    "types": []
  }
}"""


def error_of(sdk, call, *arguments):
    """Return the error that a call of the client in Python raises."""
    with pytest.raises(sdk.ApiException) as caught:
        call(*arguments)
    return caught.value
