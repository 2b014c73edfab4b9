"""Counts instructions: callgrind runs a process and dumps its counters at each mark."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

CHILD = Path(__file__).parent / "child.py"

_TOTAL = re.compile(r"^totals: (\d+)", re.MULTILINE)


def instructions_per_request(
    kind: str, url: str, names: Sequence[str], *, requests: int
) -> dict[str, float]:
    """Return the instructions of one request of each workload, in the warm process.

    ``kind`` is ``limit`` or ``apiserver``. The instructions of a database server are
    not among them; those of SQLite, which is a library, are.
    """
    job = {"kind": kind, "url": url, "names": names, "requests": requests}
    with tempfile.TemporaryDirectory() as directory:
        dumps = Path(directory) / "dump"
        run_under_callgrind(json.dumps(job), dumps)
        # The odd dumps hold what was before each workload: start, warm-up.
        return {
            name: total(dumps.with_name(f"dump.{number}")) / requests
            for name, number in zip(names, range(2, 2 * len(names) + 1, 2), strict=True)
        }


def run_under_callgrind(job: str, dumps: Path) -> None:
    command = [
        "valgrind",
        "--quiet",
        "--tool=callgrind",
        "--dump-before=getppid",
        f"--callgrind-out-file={dumps}",
        sys.executable,
        str(CHILD),
        job,
    ]
    # With other hashes, dictionaries collide otherwise: each run would differ.
    subprocess.run(  # noqa: S603 (the benchmark's own process)
        command, check=True, env={**os.environ, "PYTHONHASHSEED": "0"}
    )


def total(dump: Path) -> int:
    """Read the instructions that a dump counts."""
    [instructions] = _TOTAL.findall(dump.read_text())
    return int(instructions)
