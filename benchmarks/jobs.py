"""How many jobs a second are put, and run by one, two and four workers.

::

    .venv/bin/python benchmarks/jobs.py
    .venv/bin/python benchmarks/jobs.py --save

Each job writes a row. Workers are processes; each round begins with
as many jobs as ``--jobs``. On SQLite and, where BENCH_DATABASE_URL names a server,
PostgreSQL. ``--save`` writes ``results/jobs.json``.
"""

import argparse
import multiprocessing
import time
from typing import Any

from database import filled_database
from pyramid.config import Configurator
from pyramid.registry import Registry
from results import about, save
from run import SERVER
from sqlalchemy import insert

from apiserver.core.db import Session
from apiserver.core.jobs import Run, Worker, job, put
from apiserver.core.schemas import Id, Object
from apiserver.teams.models import Team

WORKERS = (1, 2, 4)


class Numbered(Object):
    number = Id()


@job(takes=Numbered)
def write_row(run: Run, *, number: int) -> None:
    """Write a row."""
    run.db.execute(insert(Team).values(title=f"Team {number}"))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure jobs.")
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--save", action="store_true", help="in results/")
    options = parser.parse_args()
    found: dict[str, Any] = {}
    for name, server in {"sqlite": None, "postgresql": SERVER}.items():
        if name == "sqlite" or server:
            with filled_database(server) as url:
                found[name] = measure(url, options.jobs)
            print(name, found[name])
    if options.save:
        save("jobs", {**about(), "jobs": options.jobs, **found})


def measure(url: str, number: int) -> dict[str, int]:
    """Return how many jobs a second were put, and run."""
    registry = registry_of(url)
    rates = {}
    for workers in WORKERS:
        begin = time.perf_counter()
        put_all(registry, number)
        rates["put"] = round(number / (time.perf_counter() - begin))
        rates[f"run by {workers}"] = round(number / run_all(url, workers))
    registry.engine.dispose()
    return rates


def put_all(registry: Registry, number: int) -> None:
    """Put each job in a transaction of its own."""
    for each in range(1, number + 1):
        with Session(registry.engine) as db, db.begin():
            put(db, write_row, {"number": each})


def run_all(url: str, workers: int) -> float:
    """Return the seconds until that many workers have run all jobs."""
    barrier = multiprocessing.Barrier(workers + 1)
    processes = [
        multiprocessing.Process(target=work_off, args=(url, barrier))
        for _ in range(workers)
    ]
    for process in processes:
        process.start()
    barrier.wait()
    begin = time.perf_counter()
    for process in processes:
        process.join()
    return time.perf_counter() - begin


def work_off(url: str, barrier: Any) -> None:
    worker = Worker(registry_of(url))
    barrier.wait()
    while worker.step() is not None:
        pass


def registry_of(url: str) -> Registry:
    with Configurator(settings={"sqlalchemy.url": url}) as config:
        config.include("apiserver.core")
        config.add_job(write_row)
    return config.registry


if __name__ == "__main__":
    main()
