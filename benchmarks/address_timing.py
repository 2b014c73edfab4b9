"""Whether the time of an answer tells which addresses have an account.

::

    .venv/bin/python benchmarks/address_timing.py
    .venv/bin/python benchmarks/address_timing.py --tries 100

Prints the median times of asking for a new password and of signing up, in one process
without a web server, in turn for the address of a user, one that nobody has, and that
of an inactive user. Measured are SQLite and, where ``BENCH_DATABASE_URL`` or
``TEST_DATABASE_URL`` names a server, PostgreSQL.
"""

import argparse
import json
import time
from collections.abc import Sequence
from itertools import count
from statistics import quantiles

from application import call, close
from database import INI, filled_database
from login_timing import NAMES, fill
from pyramid.paster import get_appsettings
from run import SERVERS
from workloads import Workload

import apiserver

UNLIMITED = {
    "apiserver.captcha": "off",
    "apiserver.captcha_secret": "",
    "apiserver.mails_per_address": "1000000",
    "apiserver.signup": "verified",
    "apiserver.signup_attempts_per_address": "1000000",
}
PATHS = {
    "a new password": "/api/v1/auth/password-resets/",
    "a sign-up": "/api/v1/users/sign-ups",
}
NUMBERS = count(1)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time what is asked of addresses.")
    parser.add_argument("--tries", type=int, default=300, help="of each address")
    tries: int = parser.parse_args().tries
    for database, server in SERVERS.items():
        if database == "postgresql" and server is None:
            print("postgresql: left out, BENCH_DATABASE_URL names no server")
            continue
        with filled_database(server) as url:
            fill(url)
            for what in PATHS:
                print_table(f"{database}, {what}", measure(url, what, tries))


def measure(url: str, what: str, tries: int) -> dict[str, list[float]]:
    """Return the milliseconds of each try, by the user's name."""
    settings = {**get_appsettings(str(INI)), "sqlalchemy.url": url, **UNLIMITED}
    application = apiserver.main({"__file__": str(INI)}, **settings)
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(tries):
        for name in NAMES:
            workload = asking(what, name)
            start = time.perf_counter()
            call(application, workload)
            times[name].append(1000 * (time.perf_counter() - start))
    close(application)
    return times


def asking(what: str, name: str) -> Workload:
    """Return a request about an address, by a username that nobody has."""
    body = {"email": f"{name}@example.com"}
    if what == "a sign-up":
        words = "an umbrella for the tortoise"
        body |= {"username": f"newcomer{next(NUMBERS)}", "password": words}
    return Workload(
        name="",
        method="POST",
        path=PATHS[what],
        status=202,
        budget=0,
        statements=0,
        authorization="",
        content_type="application/json",
        body=json.dumps(body).encode(),
    )


def print_table(title: str, times: dict[str, Sequence[float]]) -> None:
    tries = len(times[NAMES[0]])
    print(f"{title}: milliseconds, {tries} of each")
    for name, values in times.items():
        low, middle, high = quantiles(values)
        print(f"  {name:<10} {middle:8.2f}  half of them {low:.2f} to {high:.2f}")


if __name__ == "__main__":
    main()
