"""What a server takes before it does anything: time to start, memory of its processes.

::

    .venv/bin/python benchmarks/footprint.py
    .venv/bin/python benchmarks/footprint.py --save

Needs what ``servers.py`` needs. Each server has ``--workers`` processes. The seconds
are from the start of ``deploy/serve`` to the first answer, the median of three. The
memory, in MiB of each process that serves, is that after some thousand requests: all
of it (RSS), and its share (PSS), in which what processes have in common is divided
among them. With ``--preload`` gunicorn makes the application before it forks.
``--save`` writes ``results/footprint.json``.
"""

import argparse
import sys
from collections.abc import Mapping
from statistics import mean, median

from database import filled_database
from results import about, save
from run import SERVER as DATABASE
from servers import show
from serving import Server, load, serving
from workloads import WORKLOADS

KINDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "waitress": ("waitress", {}),
    "gunicorn": ("gunicorn", {}),
    "gunicorn --preload": ("gunicorn", {"GUNICORN_CMD_ARGS": "--preload"}),
    "uwsgi": ("uwsgi", {}),
    "granian": ("granian", {}),
}
MIB = 2**20
STARTS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure start-up and memory.")
    parser.add_argument("--workers", default="4")
    parser.add_argument("--save", action="store_true", help="in results/")
    options = parser.parse_args()
    if DATABASE is None:
        sys.exit("Needs a PostgreSQL server that BENCH_DATABASE_URL names.")
    with filled_database(DATABASE) as url:
        found = {
            kind: measure(server, url, {**more, "WORKERS": options.workers})
            for kind, (server, more) in KINDS.items()
        }
    show("footprint", found)
    if options.save:
        save("footprint", {**about(), "workers": int(options.workers), **found})


def measure(server: str, url: str, environment: Mapping[str, str]) -> dict[str, float]:
    starts = []
    for _ in range(STARTS):
        with serving(server, url, **environment) as running:
            starts.append(running.seconds_to_start)
            if len(starts) == STARTS:
                load(running, WORKLOADS[1], seconds=4, connections=16)
                taken = memory(running)
    return {"seconds": round(median(starts), 2), **taken}


def memory(server: Server) -> dict[str, float]:
    """Return the means of the processes that serve: the children, if there are any."""
    serve = server.process.children(recursive=True) or [server.process]
    infos = [each.memory_full_info() for each in serve]
    # A tracker of resources, or the like, serves nothing.
    infos = [info for info in infos if info.rss > 40 * MIB]
    return {
        "processes": len(infos),
        "rss": round(mean(info.rss for info in infos) / MIB, 1),
        "pss": round(mean(info.pss for info in infos) / MIB, 1),
    }


if __name__ == "__main__":
    main()
