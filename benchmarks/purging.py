"""Requests before and during a purge by another process."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any

from application import call
from database import INI
from workloads import WORKLOADS

PURGE = [Path(sys.executable).with_name("apiserver"), "purge-expired", INI]

# A request that reads, and one that writes.
KINDS = {"GET": WORKLOADS[0], "POST": WORKLOADS[3]}

SECONDS = 5


def measure_purge(url: str, application: Any, *, quick: bool) -> dict[str, Any]:
    """Return the seconds of the purge, and p50 and p99 of requests in milliseconds."""
    end = time.perf_counter() + (0.5 if quick else SECONDS)
    before = request_while(lambda: time.perf_counter() < end, application)
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 (the command of the project)
        PURGE, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE
    ) as purge:
        during = request_while(lambda: purge.poll() is None, application)
        seconds = time.perf_counter() - start
        deleted = purge.stdout.read().decode() if purge.stdout else ""
    if purge.returncode:
        raise subprocess.CalledProcessError(purge.returncode, "purge-expired")
    return {
        "seconds": round(seconds, 1),
        "deleted": deleted.splitlines(),
        "before": before,
        "during": during,
    }


def request_while(
    lasts: Callable[[], bool], application: Any
) -> dict[str, dict[str, float]]:
    """Send requests in turn, one after the other; return their p50 and p99."""
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    while lasts():
        for kind, workload in KINDS.items():
            start = time.perf_counter()
            call(application, workload)
            times[kind].append(1000 * (time.perf_counter() - start))
    return {kind: percentiles(each) for kind, each in times.items()}


def percentiles(times: list[float]) -> dict[str, float]:
    hundredths = quantiles(times, n=100, method="inclusive")
    found = {"p50": hundredths[49], "p99": hundredths[98], "most": max(times)}
    return {name: round(value, 2) for name, value in found.items()}
