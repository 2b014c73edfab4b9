"""What a password's hash takes, and what others notice of many sign-ins.

::

    .venv/bin/python benchmarks/hashing.py
    .venv/bin/python benchmarks/hashing.py --save

Needs what ``servers.py`` needs. ``GET /users/me`` is sent to gunicorn with two
processes, first alone, then while ``--people`` sign in without a pause. ``--save``
writes ``results/hashing.json``.
"""

import argparse
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from database import filled_database
from login_timing import fill
from results import about, save
from run import SERVER as DATABASE
from servers import Found, show
from serving import Server, load, serving
from workloads import BASIC, WORKLOADS

from apiserver.users.hashing import hash_password

ME = WORKLOADS[0]
LIMITS = {
    "APISERVER_OAUTH2_PASSWORD_GRANT": "true",
    "APISERVER_LOGIN_ATTEMPTS": "1000000",
    "APISERVER_LOGIN_ATTEMPTS_PER_ADDRESS": "1000000",
}
FORM = {
    "grant_type": "password",
    "username": "existing",
    "password": "the right password",
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure sign-ins.")
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--save", action="store_true", help="in results/")
    options = parser.parse_args()
    if DATABASE is None:
        sys.exit("Needs a PostgreSQL server that BENCH_DATABASE_URL names.")
    found: Found = {"hash": {"milliseconds": hash_milliseconds()}}
    with filled_database(DATABASE) as url:
        fill(url)
        with serving("gunicorn", url, WORKERS="2", **LIMITS) as server:
            found |= measure(server, options.people, options.seconds)
    show("hashing", found)
    if options.save:
        save("hashing", {**about(), "people": options.people, **found})


def measure(server: Server, people: int, seconds: float) -> Found:
    load(server, ME, seconds=1, connections=4)
    alone = load(server, ME, seconds=seconds, connections=4)
    with signing_in(server, people) as answers:
        busy = load(server, ME, seconds=seconds, connections=4)
    by_status = {f"answers_{k}": v / seconds for k, v in answers.items()}
    return {"alone": alone, "sign-ins": {**busy, **by_status}}


def hash_milliseconds() -> float:
    times = []
    for _ in range(20):
        start = time.perf_counter()
        hash_password("the right password")
        times.append(1000 * (time.perf_counter() - start))
    return round(median(times), 1)


@contextmanager
def signing_in(server: Server, people: int) -> Iterator[Counter[int]]:
    """Let people sign in again and again; count the answers by status."""
    answers: Counter[int] = Counter()
    end = threading.Event()

    def sign_in() -> None:
        while not end.is_set():
            answers[answer(server)] += 1

    threads = [threading.Thread(target=sign_in) for _ in range(people)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        end.set()
        for thread in threads:
            thread.join()


def answer(server: Server) -> int:
    request = Request(  # noqa: S310 (the server that was started)
        f"{server.url}/auth/oauth2/token",
        data=urlencode(FORM).encode(),
        headers={"Authorization": BASIC},
    )
    try:
        with urlopen(request, timeout=30) as response:  # noqa: S310
            return int(response.status)
    except HTTPError as error:
        # Who is refused comes again after a while.
        time.sleep(0.2)
        return error.code


if __name__ == "__main__":
    main()
