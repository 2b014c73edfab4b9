"""Break the code in small ways, and see whether the tests notice.

::

    .venv/bin/python benchmarks/mutants.py
    .venv/bin/python benchmarks/mutants.py --mutants 20 --group patch --list
    .venv/bin/python benchmarks/mutants.py --code "teams/*.py" --tests teams contract

A mutant is one change of one expression or statement: a comparison, a condition, a
number or a flag, ``and`` for ``or``; a raise, call, decorator or keyword that is left
out. In a copy of the project tests of its group run until one fails: those first that
run the changed line. Where none does, the mutant *survives*: write the test, or see
that the change is none.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import cache_from_source
from pathlib import Path
from queue import Queue

from lines_run import LinesRun, measure
from mutation import Mutant, chosen

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "apiserver"
# Of a run of tests, in seconds: what never ends counts as noticed.
LONGEST = 900
# Pytest's status where no test was left.
NOTHING_SELECTED = 5
QUICK = ("-m", "not slow")

# What is broken; the folders of the tests that have to notice.
Group = tuple[list[str], list[str]]
GROUPS: dict[str, Group] = {
    "security": (["core/tree/*.py"], ["core", "teams", "users", "contract"]),
    "patch": (
        ["core/schemas/patch.py", "core/schemas/stored.py"],
        ["core", "users", "teams", "contract", "bad_input"],
    ),
    "lists": (
        ["core/lists/*.py"],
        ["core", "teams", "users", "contract", "bad_input"],
    ),
    "auth": (["auth/**/*.py"], ["auth", "conformance", "commands", "contract"]),
    "ops": (["ops/*.py"], ["ops", "core", "startup"]),
}


def failing(copy: Path, tests: Iterable[str], *options: str) -> str:
    """Return which of the tests fails first, or nothing."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    run = partial(subprocess.run, cwd=copy, env=environment, timeout=LONGEST)
    try:
        done = run([*command, *options, *tests], capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return "takes too long"
    # What a test is called may depend on what is broken: then all of them are run.
    is_named_otherwise = "found no collectors" in done.stderr
    if done.returncode in (0, NOTHING_SELECTED) or is_named_otherwise:
        return ""
    lines = (done.stdout + done.stderr).splitlines()
    return ([ln for ln in lines if ln.startswith(("FAILED", "ERROR"))] or lines)[-1]


def noticing(copy: Path, mutant: Mutant, group: Group, lines: LinesRun) -> str:
    """Return which test notices the mutant in the copy, or nothing."""
    near = lines.tests(mutant.path, mutant.line)
    folders = [f"tests/{name}" for name in group[1]]
    return (
        (near and failing(copy, near))
        or failing(copy, folders, *QUICK)
        or failing(copy, folders, "-m", "slow")
    )


def tried(copies: "Queue[Path]", lines: LinesRun, group: Group, mutant: Mutant) -> bool:
    """Whether a test of the group notices the mutant."""
    copy = copies.get()
    module = copy / mutant.path
    before = module.read_bytes()
    # What is compiled of it may be of the same second and length.
    compiled = Path(cache_from_source(str(module)))
    compiled.unlink(missing_ok=True)
    module.write_text(mutant.made(before), "utf-8")
    test = noticing(copy, mutant, group, lines)
    compiled.unlink(missing_ok=True)
    module.write_bytes(before)
    copies.put(copy)
    print("noticed " if test else "SURVIVED", mutant, "|", test, flush=True)
    return bool(test)


def mutants_of(code: list[str], most: int) -> list[Mutant]:
    paths = [p for each in code for p in sorted(PACKAGE.glob(each))]
    if not paths:
        raise SystemExit(f"There are no files {' '.join(code)} in apiserver.")
    return chosen(ROOT, paths, most)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="See whether tests notice changes.")
    parser.add_argument("--mutants", type=int, default=100, help="of all groups")
    parser.add_argument("--group", choices=GROUPS, action="append")
    parser.add_argument("--code", nargs="+", help="in place of a group's: teams/*.py")
    parser.add_argument("--tests", nargs="+", help="folders that have to notice")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    options = parser.parse_args()
    if bool(options.code) != bool(options.tests):
        parser.error("--code and --tests are given together")
    return options


def groups_of(options: argparse.Namespace) -> dict[str, Group]:
    if options.code:
        return {"code": (options.code, options.tests)}
    return {name: GROUPS[name] for name in options.group or GROUPS}


def copies_in(directory: str, number: int) -> list[Path]:
    """Return copies of the project."""
    left_out = shutil.ignore_patterns(".venv", ".git", "build", "__pycache__", "*.db")
    copies = [Path(directory, name) for name in map(str, range(number))]
    for copy in copies:
        shutil.copytree(ROOT, copy, ignore=left_out, symlinks=True)
    return copies


def main() -> None:
    options = parse()
    groups = groups_of(options)
    mutants = {
        name: mutants_of(code, options.mutants // len(groups))
        for name, (code, _) in groups.items()
    }
    if options.list:
        print(*(mutant for each in mutants.values() for mutant in each), sep="\n")
        return
    folders = sorted(
        {f"tests/{name}" for _, tests in groups.values() for name in tests}
    )
    with (
        tempfile.TemporaryDirectory() as directory,
        ThreadPoolExecutor(options.workers) as pool,
    ):
        copies: Queue[Path] = Queue()
        for copy in (made := copies_in(directory, options.workers)):
            copies.put(copy)
        lines = measure(made[0], [*QUICK, *folders], options.workers)
        noticed = {
            name: pool.map(partial(tried, copies, lines, groups[name]), each)
            for name, each in mutants.items()
        }
        found = {name: sum(tests) for name, tests in noticed.items()}
    for name, number in found.items():
        print(f"{name:9} {number:4} of {len(mutants[name]):4} noticed")
    print(f"all       {sum(found.values()):4} of {sum(map(len, mutants.values())):4}")


if __name__ == "__main__":
    main()
