"""Break the code in small ways, and see whether the tests notice.

::

    .venv/bin/python benchmarks/mutants.py
    .venv/bin/python benchmarks/mutants.py --mutants 20 --group patch --list

A mutant is one change of one expression or statement: a comparison, a condition, a
number or a flag, ``and`` for ``or``; a raise, call, decorator or keyword that is left
out. In a copy of the project the tests of its group run until one fails. Where none
does, the mutant *survives*: write the test, or see that the change is none.
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

from mutation import Mutant, chosen

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "apiserver"
# Of a run of tests, in seconds: what never ends counts as noticed.
LONGEST = 900
# Pytest's status where no test was left.
NOTHING_SELECTED = 5
QUICK = ("-m", "not slow")

# What is broken; the tests that have to notice, near ones first, then all.
Group = tuple[list[str], list[str], list[str]]
GROUPS: dict[str, Group] = {
    "security": (
        ["core/tree/*.py"],
        [f"core/test_{n}.py" for n in ("security", "roles", "services", "traversal")],
        ["core", "teams", "users", "contract"],
    ),
    "patch": (
        ["core/schemas/patch.py", "core/schemas/stored.py"],
        ["core/test_jsonpatch*.py", "bad_input/test_patches.py"],
        ["core", "users", "teams", "contract", "bad_input"],
    ),
    "lists": (
        ["core/lists/*.py"],
        [f"core/test_{n}.py" for n in ("pagination", "sorting", "filters")],
        ["core", "teams", "users", "contract", "bad_input"],
    ),
    "auth": (["auth/**/*.py"], ["auth"], ["conformance", "commands", "contract"]),
    "ops": (["ops/*.py"], ["ops"], ["core", "startup"]),
}


def failing(copy: Path, names: Iterable[str], *options: str) -> str:
    """Return which test in the files and folders fails first, or nothing."""
    found = [str(p) for name in names for p in sorted((copy / "tests").glob(name))]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    run = partial(subprocess.run, cwd=copy, env=environment, timeout=LONGEST)
    try:
        done = run([*command, *options, *found], capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return "takes too long"
    if done.returncode in (0, NOTHING_SELECTED):
        return ""
    lines = (done.stdout + done.stderr).splitlines()
    return ([ln for ln in lines if ln.startswith(("FAILED", "ERROR"))] or lines)[-1]


def tried(copies: "Queue[Path]", group: str, mutant: Mutant) -> bool:
    """Whether a test of the group notices the mutant."""
    copy = copies.get()
    module = copy / mutant.path
    before = module.read_bytes()
    # What is compiled of it may be of the same second and length.
    compiled = Path(cache_from_source(str(module)))
    compiled.unlink(missing_ok=True)
    module.write_text(mutant.made(before), "utf-8")
    _, near, folders = GROUPS[group]
    test = (
        failing(copy, near, *QUICK)
        or failing(copy, folders, *QUICK)
        or failing(copy, [*near, *folders], "-m", "slow")
    )
    compiled.unlink(missing_ok=True)
    module.write_bytes(before)
    copies.put(copy)
    print("noticed " if test else "SURVIVED", mutant, "|", test, flush=True)
    return bool(test)


def mutants_of(group: str, most: int) -> list[Mutant]:
    paths = [p for each in GROUPS[group][0] for p in sorted(PACKAGE.glob(each))]
    if not paths:
        raise SystemExit(f"There are no files of {group}: mend GROUPS.")
    return chosen(ROOT, paths, most)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="See whether tests notice changes.")
    parser.add_argument("--mutants", type=int, default=100, help="of all groups")
    parser.add_argument("--group", choices=GROUPS, action="append")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    return parser.parse_args()


def copies_in(directory: str, number: int) -> "Queue[Path]":
    """Return copies of the project, in which the near tests pass."""
    copies: Queue[Path] = Queue()
    left_out = shutil.ignore_patterns(".venv", ".git", "build", "__pycache__", "*.db")
    for name in map(str, range(number)):
        copies.put(copy := Path(directory, name))
        shutil.copytree(ROOT, copy, ignore=left_out, symlinks=True)
    near = [name for _, names, _ in GROUPS.values() for name in names]
    if test := failing(copies.queue[0], near, *QUICK):
        raise SystemExit(f"Without a mutant, too: {test}")
    return copies


def main() -> None:
    options = parse()
    groups = options.group or list(GROUPS)
    mutants = {g: mutants_of(g, options.mutants // len(groups)) for g in groups}
    if options.list:
        print(*(mutant for each in mutants.values() for mutant in each), sep="\n")
        return
    with (
        tempfile.TemporaryDirectory() as directory,
        ThreadPoolExecutor(options.workers) as pool,
    ):
        attempt = partial(tried, copies_in(directory, options.workers))
        noticed = {
            group: pool.map(partial(attempt, group), each)
            for group, each in mutants.items()
        }
        found = {group: sum(tests) for group, tests in noticed.items()}
    for group, number in found.items():
        print(f"{group:9} {number:4} of {len(mutants[group]):4} noticed")
    print(f"all       {sum(found.values()):4} of {sum(map(len, mutants.values())):4}")


if __name__ == "__main__":
    main()
