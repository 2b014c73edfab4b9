"""What a page, a look-up of a token and a purge take among a million rows.

::

    .venv/bin/python benchmarks/growth.py
    .venv/bin/python benchmarks/growth.py --rows 10000 --database sqlite
    .venv/bin/python benchmarks/growth.py --save

Times in milliseconds, in one process without a web server: each is the median of
requests that are sent in turn, so that whatever else the machine does meets all of
them. Measured are SQLite and, where ``BENCH_DATABASE_URL`` or ``TEST_DATABASE_URL``
names a server, PostgreSQL. ``--save`` writes ``results/growth.json``, of which
``plot.py`` makes ``docs/images/growth.svg``.

=======  ============================================================================
pages    ``GET /teams/``, 20 of them, not counted: at a depth by ``offset``, or after a
         row there by a cursor
counts   the first page, with each way to count the teams
tokens   ``GET /users/me`` with one of so many tokens
purge    reading and writing requests (p50, p99) before and while another process
         deletes as many expired tokens, with the grants that they belong to
=======  ============================================================================
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from statistics import median
from typing import Any

from application import call, close, make_server
from bulk import add_teams, add_tokens
from database import filled_database
from purging import measure_purge
from results import RESULTS, about, save
from run import SERVERS
from sqlalchemy import Engine
from workloads import WORKLOADS, Workload

from apiserver.core.db import make_engines
from apiserver.core.lists.orders import encode
from apiserver.teams.views import TEAMS

ROWS = 1_000_000
ROUNDS = 50
# By then psycopg has prepared the statements, and PostgreSQL plans them no more.
WARM_UP = 15

ME, LIST = WORKLOADS[0], replace(WORKLOADS[1], prefer="count=none")

Get = Callable[[Workload], Any]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure among a million rows.")
    parser.add_argument("--database", choices=SERVERS)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--save", action="store_true", help=f"in {RESULTS.name}/")
    return parser.parse_args()


def main() -> None:
    options = parse()
    found: dict[str, Any] = {}
    for database in [options.database] if options.database else SERVERS:
        if database == "postgresql" and SERVERS[database] is None:
            print("postgresql: left out, BENCH_DATABASE_URL names no server")
            continue
        with filled_database(SERVERS[database]) as url:
            found[database] = measure(url, options.rows, options.rounds)
        print(database, json.dumps(found[database], indent=2))
    if options.save:
        save("growth", {**about(), "rows": options.rows, "databases": found})


def measure(url: str, rows: int, rounds: int) -> dict[str, Any]:
    engine, _ = make_engines(url)
    add_teams(engine, rows)
    application = make_server(url)

    def get(workload: Workload) -> Any:
        return call(application, workload)

    depths = [0, rows // 1000, rows // 10, rows]
    found = {
        "pages": {
            sort: measure_pages(get, sort, depths, rounds) for sort in ("id", "title")
        },
        "counts": measure_counts(get, rounds),
        "tokens": measure_tokens(engine, get, depths[1:], rounds),
    }
    add_tokens(engine, rows, lifetime=timedelta(seconds=-1))
    found["purge"] = measure_purge(url, application, quick=rows < ROWS)
    close(application)
    engine.dispose()
    return found


def measure_pages(
    get: Get, sort: str, depths: list[int], rounds: int
) -> dict[str, dict[int, float]]:
    """Return the times by the way to ask for a page, and by its depth."""
    requests = {
        (way, depth): replace(LIST, query=f"limit=20&sort={sort}{place}")
        for depth in depths
        for way, place in places(get, sort, depth).items()
    }
    # One way after the other: large offsets would take the caches from the cursors.
    return {
        way: medians({d: requests[way, d] for d in depths}, get, rounds)
        for way in ("cursor", "offset")
    }


def places(get: Get, sort: str, depth: int) -> dict[str, str]:
    """Return what to add to the query for the page after so many rows."""
    if depth == 0:
        return {"offset": "&offset=0", "cursor": ""}
    query = f"limit=1&sort={sort}&offset={depth - 1}"
    [row] = json.loads(get(replace(LIST, query=query)))
    order = TEAMS.order((sort,))
    cursor = encode(order.name, [row[key.column.key] for key in order.keys])
    return {"offset": f"&offset={depth}", "cursor": f"&after={cursor}"}


def measure_counts(get: Get, rounds: int) -> dict[str, float]:
    counts = ("none", "exact", "estimated")
    requests = {each: replace(LIST, prefer=f"count={each}") for each in counts}
    return medians(requests, get, rounds)


def measure_tokens(
    engine: Engine, get: Get, sizes: list[int], rounds: int
) -> dict[int, float]:
    """Return the times by the number of tokens; add them until there are as many."""
    times, there = {}, 0
    for size in sizes:
        look_up = by_turns(get, add_tokens(engine, size - there))
        times |= medians({size: ME}, look_up, 10 * rounds)
        there = size
    return times


def by_turns(get: Get, tokens: list[str]) -> Get:
    """Return what sends a request with one of the tokens after the other."""
    headers = cycle([f"Bearer {each}" for each in tokens])
    return lambda workload: get(replace(workload, authorization=next(headers)))


def medians(
    requests: Mapping[Any, Workload], get: Get, rounds: int
) -> dict[Any, float]:
    """Return the median time of each request, in milliseconds."""
    times: dict[Any, list[float]] = {key: [] for key in requests}
    for number in range(WARM_UP + rounds):
        for key, workload in requests.items():
            start = time.perf_counter()
            get(workload)
            if number >= WARM_UP:
                times[key].append(1000 * (time.perf_counter() - start))
    return {key: round(median(each), 3) for key, each in times.items()}


if __name__ == "__main__":
    main()
