"""The process that is measured: it answers each workload's request again and again.

Started by ``instructions.py`` under callgrind, which dumps its counters at each mark.
"""

import gc
import json
import os
import sys

from application import MAKERS, call
from workloads import WORKLOADS

# Does nothing itself; callgrind sees the C library's function of this name.
mark = os.getppid


# By then SQLAlchemy has compiled its statements, psycopg has prepared them, and the
# interpreter has specialized its instructions.
WARM_UP = 20


def main(kind: str, url: str, names: list[str], requests: int) -> None:
    """Between the two marks of a workload are its requests, and nothing else."""
    application = MAKERS[kind](url)
    for workload in WORKLOADS:
        if workload.name not in names:
            continue
        for _ in range(WARM_UP):
            call(application, workload)
        # So that what came before leaves nothing to this workload's collections.
        gc.collect()
        mark()
        for _ in range(requests):
            call(application, workload)
        mark()


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
