"""Servers under load: which one, how many processes, how many connections.

::

    .venv/bin/python benchmarks/servers.py
    .venv/bin/python benchmarks/servers.py --seconds 2 --rounds 1
    .venv/bin/python benchmarks/servers.py --only processes
    .venv/bin/python benchmarks/servers.py --save

Needs wrk, the servers of ``requirements/servers.txt``, and a PostgreSQL server on this
machine, which ``BENCH_DATABASE_URL`` or ``TEST_DATABASE_URL`` names. Each is started by
``deploy/serve`` with ``production.ini``. Rounds are interleaved: each in turn, then
again; shown is the median of the rounds. ``--save`` writes
``results/servers.json``.

=========  ==========================================================================
servers    one process of each, with 12 threads, under ``GET /users/me``
processes  1 to 4 of gunicorn, under ``GET /teams/?limit=20``
threads    2 of gunicorn, each with so many threads
pools      2 of gunicorn, each with so many connections for its 12 threads
=========  ==========================================================================
"""

import argparse
import shutil
import sys
from collections.abc import Mapping
from statistics import median
from typing import Any

from database import filled_database
from results import about, known, save
from run import SERVER as DATABASE
from serving import load, serving
from workloads import WORKLOADS, Workload

ME, LIST = WORKLOADS[:2]
SERVERS = ("waitress", "gunicorn", "uwsgi", "granian")
THREADS = "12"
CONNECTIONS = 16

# By what is varied: the server, and its environment.
Kinds = Mapping[str, tuple[str, Mapping[str, str]]]
Found = dict[str, dict[str, float]]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure servers under load.")
    parser.add_argument("--seconds", type=float, default=6, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=MEASURES)
    parser.add_argument("--save", action="store_true", help="in results/")
    return parser.parse_args()


def main() -> None:
    options = parse()
    if shutil.which("wrk") is None or DATABASE is None:
        sys.exit("Needs wrk, and a PostgreSQL server that BENCH_DATABASE_URL names.")
    found: dict[str, Any] = {}
    with filled_database(DATABASE) as url:
        for name in options.only or MEASURES:
            found[name] = MEASURES[name](url, options)
            show(name, found[name])
    if options.save:
        save("servers", {**known("servers"), **about(), **found})


def show(title: str, found: Found) -> None:
    print(f"\n{title}")
    for name, values in found.items():
        print(f"  {name:<24}", "  ".join(f"{k} {v:,.2f}" for k, v in values.items()))


def measure_servers(url: str, options: argparse.Namespace) -> Found:
    kinds = {name: (name, {"WORKERS": "1"}) for name in SERVERS}
    return in_turn(url, kinds, ME, options)


def measure_processes(url: str, options: argparse.Namespace) -> Found:
    kinds = {str(n): ("gunicorn", {"WORKERS": str(n)}) for n in range(1, 5)}
    return in_turn(url, kinds, LIST, options)


def measure_threads(url: str, options: argparse.Namespace) -> Found:
    kinds = {
        str(number): ("gunicorn", {"WORKERS": "2", "THREADS": str(number)})
        for number in (1, 4, 8, 12)
    }
    return in_turn(url, kinds, LIST, options)


def measure_pools(url: str, options: argparse.Namespace) -> Found:
    kinds = {
        str(size): ("gunicorn", {"WORKERS": "2", "APISERVER_POOL_SIZE": str(size)})
        for size in (1, 5, 12, 20)
    }
    return in_turn(url, kinds, LIST, options)


MEASURES = {
    "servers": measure_servers,
    "processes": measure_processes,
    "threads": measure_threads,
    "pools": measure_pools,
}


def in_turn(
    url: str, kinds: Kinds, workload: Workload, options: argparse.Namespace
) -> Found:
    """Start and load one after the other, again and again; return the medians."""
    rounds: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for _ in range(options.rounds):
        for kind, (server, environment) in kinds.items():
            with serving(server, url, **{"THREADS": THREADS, **environment}) as running:
                load(running, workload, seconds=1, connections=CONNECTIONS)
                taken = load(
                    running,
                    workload,
                    seconds=options.seconds,
                    connections=CONNECTIONS,
                )
                rounds[kind].append(taken)
    return {kind: medians(each) for kind, each in rounds.items()}


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {k: round(median(each[k] for each in rounds), 2) for k in rounds[0]}


if __name__ == "__main__":
    main()
