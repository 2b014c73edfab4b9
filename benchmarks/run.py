"""How many instructions a request costs, beside the least that could answer it.

::

    .venv/bin/python benchmarks/run.py
    .venv/bin/python benchmarks/run.py --workload W1 --database sqlite --quick
    .venv/bin/python benchmarks/run.py --statements
    .venv/bin/python benchmarks/run.py --check
    .venv/bin/python benchmarks/run.py --save

Instructions, not times: they repeat to one percent, whatever else the machine does.
Callgrind (valgrind) counts them in one warm process, without a web server: what comes
before and after the WSGI application is the same for all. Measured are SQLite and,
where ``BENCH_DATABASE_URL`` or ``TEST_DATABASE_URL`` names a server, PostgreSQL; each
time on a database that is made for it. A database server's own work is not counted;
SQLite's is, since it is a library.

========  ===========================================================================
limit     thousands of instructions of a bare WSGI function: driver and JSON, nothing
          else (``bare.py``)
measured  of the application, with everything that it does around a request
ratio     measured : limit, the price of routing, checks, ORM, headers, documentation
budget    what the application may need, on either database
OVER      the budget is exceeded, or the statements are more than they may be
SQL       how many statements a request executes, and how many it may at most
========  ===========================================================================

The exit status is 1 if anything is over. A change is worth something if ``measured``
moves by more than one percent; compare runs of the same versions of Python and of the
libraries. Where the instructions go, a profiler tells: cProfile on ``child.main``.

``--check`` compares with ``baseline.json``, and fails where a request needs 10% more;
``--save`` makes the measured the new baseline.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence

import baseline
from database import filled_database
from instructions import instructions_per_request
from report import Result, print_missing, print_statements, print_table
from statements import statements_per_request
from workloads import WORKLOADS, Workload

SERVER = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("TEST_DATABASE_URL")
SERVERS = {"sqlite": None, "postgresql": SERVER}

# How many are counted, without and with --quick.
REQUESTS = (100, 20)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Count instructions per request.")
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--workload", action="append", choices=names)
    parser.add_argument("--database", choices=SERVERS)
    parser.add_argument("--quick", action="store_true", help="fewer requests")
    parser.add_argument(
        "--check", action="store_true", help="compare with the baseline"
    )
    parser.add_argument("--save", action="store_true", help="make this the baseline")
    parser.add_argument(
        "--statements", action="store_true", help="print the SQL and measure nothing"
    )
    return parser.parse_args(arguments)


def main() -> int:
    """Print a table for each database; return 1 if anything is over."""
    options = parse()
    if shutil.which("valgrind") is None and not options.statements:
        sys.exit("valgrind is missing (Debian and Ubuntu: apt install valgrind).")
    if options.check or options.save:
        return compare(options)
    over = [run(database, chosen(options), options) for database in databases(options)]
    return int(any(over))


def chosen(options: argparse.Namespace) -> list[Workload]:
    return [w for w in WORKLOADS if w.name in (options.workload or w.name)]


def databases(options: argparse.Namespace) -> Iterator[str]:
    for database in [options.database] if options.database else SERVERS:
        if database == "postgresql" and SERVER is None:
            print("\npostgresql: left out, BENCH_DATABASE_URL names no server")
        else:
            yield database


def compare(options: argparse.Namespace) -> int:
    """Print the measured beside the baseline, or save it; return 1 if it is worse."""
    requests = REQUESTS[options.quick]
    measured = {
        database: measure("apiserver", database, chosen(options), requests)
        for database in databases(options)
    }
    if options.save:
        baseline.save(measured)
        return 0
    return int(baseline.is_worse(measured))


def run(
    database: str, workloads: Sequence[Workload], options: argparse.Namespace
) -> bool:
    """Measure on one database and print; return whether anything is over."""
    with filled_database(SERVERS[database]) as url:
        statements = statements_per_request(url, workloads)
    found = [w for w in workloads if w.name in statements]
    print_missing(w for w in workloads if w not in found)
    if options.statements:
        for workload in found:
            print_statements(workload, statements[workload.name])
        return any(len(statements[w.name]) > w.statements for w in found)
    requests = REQUESTS[options.quick]
    limit = measure("limit", database, found, requests)
    measured = measure("apiserver", database, found, requests)
    results = [
        Result(w, database, limit[w.name], measured[w.name], len(statements[w.name]))
        for w in found
    ]
    print_table(results, database, requests)
    return any(result.is_over for result in results)


def measure(
    kind: str, database: str, workloads: Sequence[Workload], requests: int
) -> dict[str, float]:
    """Count on a fresh database, since some workloads write."""
    names = [workload.name for workload in workloads]
    with filled_database(SERVERS[database]) as url:
        return instructions_per_request(kind, url, names, requests=requests)


if __name__ == "__main__":
    sys.exit(main())
