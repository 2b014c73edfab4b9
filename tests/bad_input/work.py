"""Counts work, that of C included: blocks of instructions, as valgrind runs them.

Valgrind alone runs a program ten times slower than it is; ``callgrind``, by which
``benchmarks`` counts instructions, sixty times.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bad_input import counted
from tests.served import clean_environment
from tests.settings import ROOT


def work_of(logs: Path, **job: Any) -> dict[str, list[tuple[int, int]]]:
    """Run ``counted.py``; return for each task the statuses, and how many blocks.

    A status is the first digit of HTTP's.
    """
    command = [
        "valgrind",
        "--tool=none",
        "--stats=yes",
        f"--log-file={logs}/%p.log",
        sys.executable,
        "-m",
        counted.__name__,
        json.dumps({**job, "logs": str(logs)}),
    ]
    # With other hashes, dictionaries collide otherwise. Coverage would be work, too.
    variables = {**clean_environment(), "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # noqa: S603
        command,
        cwd=ROOT,
        env={k: v for k, v in variables.items() if not k.startswith("COVERAGE")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines())
