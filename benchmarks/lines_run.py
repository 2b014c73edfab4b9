"""Which tests run a line: measured once, so that each mutant meets those first."""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path

from coverage import CoverageData

# Of a command line, whose length is limited; and by then most mutants are noticed.
MOST = 150


@dataclass(frozen=True)
class LinesRun:
    """What each test has run of a copy of the project."""

    copy: Path
    data: CoverageData

    def tests(self, path: str, line: int) -> list[str]:
        """Return tests that run the line of a module: one of each file in turn."""
        contexts = self.data.contexts_by_lineno(str(self.copy / path)).get(line, [])
        files: dict[str, list[str]] = defaultdict(list)
        for test in sorted({each.rpartition("|")[0] for each in contexts} - {""}):
            files[test.partition("::")[0]].append(test)
        turns = chain.from_iterable(zip_longest(*files.values()))
        return list(islice(filter(None, turns), MOST))


def measure(copy: Path, tests: Iterable[str], workers: int) -> LinesRun:
    """Run the tests in the copy of the project."""
    settings, data = copy.with_name("settings.ini"), copy.with_name("coverage")
    settings.write_text(f"[run]\ndata_file = {data}\n")
    package = ("--cov", "apiserver")
    measured = [*package, f"--cov-config={settings}", "--cov-context=test"]
    quiet = ["-q", "-p", "no:cacheprovider", "--cov-report="]
    done = subprocess.run(  # noqa: S603 (the tests of the project)
        [sys.executable, "-m", "pytest", f"-n{workers}", *measured, *quiet, *tests],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"Without a mutant, too: {done.stdout[-2000:]}")
    found = CoverageData(str(data))
    found.read()
    return LinesRun(copy, found)
