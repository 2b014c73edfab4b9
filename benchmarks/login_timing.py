"""Whether the time of a refused sign-in tells which users there are.

::

    .venv/bin/python benchmarks/login_timing.py
    .venv/bin/python benchmarks/login_timing.py --tries 100

Prints the median times of the password grant with a wrong password, in one process
without a web server, in turn for an existing, a missing and an inactive user. Measured
are SQLite and, where ``BENCH_DATABASE_URL`` or ``TEST_DATABASE_URL`` names a server,
PostgreSQL.
"""

import argparse
import time
from collections.abc import Sequence
from statistics import quantiles
from urllib.parse import urlencode

from application import call, close
from database import INI, filled_database
from pyramid.paster import get_appsettings
from run import SERVERS
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session
from workloads import BASIC, Workload

import apiserver
from apiserver.auth.models import OAuth2Client
from apiserver.users.hashing import hash_password
from apiserver.users.models import User

UNLIMITED = {
    "apiserver.login_attempts": "1000000",
    "apiserver.login_attempts_per_address": "1000000",
}
NAMES = ("existing", "missing", "inactive")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time refused sign-ins.")
    parser.add_argument("--tries", type=int, default=500, help="of each user")
    tries: int = parser.parse_args().tries
    for database, server in SERVERS.items():
        if database == "postgresql" and server is None:
            print("postgresql: left out, BENCH_DATABASE_URL names no server")
            continue
        with filled_database(server) as url:
            fill(url)
            print_table(database, measure(url, tries))


def fill(url: str) -> None:
    """Make the users, and let the client try passwords."""
    engine = create_engine(url)
    with Session(engine) as db, db.begin():
        digest = hash_password("the right password")
        for name, is_active in (("existing", True), ("inactive", False)):
            email = f"{name}@example.com"
            values = {"password_digest": digest, "is_active": is_active}
            db.add(User(username=name, email=email, **values))
        rights = {"first_party": True, "grant_types": ("password",)}
        db.execute(update(OAuth2Client).values(**rights))
    engine.dispose()


def measure(url: str, tries: int) -> dict[str, list[float]]:
    """Return the milliseconds of each try, by the user's name."""
    settings = {**get_appsettings(str(INI)), "sqlalchemy.url": url, **UNLIMITED}
    application = apiserver.main({"__file__": str(INI)}, **settings)
    workloads = {name: sign_in(name) for name in NAMES}
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(tries):
        for name, workload in workloads.items():
            start = time.perf_counter()
            call(application, workload)
            times[name].append(1000 * (time.perf_counter() - start))
    close(application)
    return times


def sign_in(username: str) -> Workload:
    form = {"grant_type": "password", "username": username, "password": "a guess"}
    return Workload(
        name="",
        method="POST",
        path="/auth/oauth2/token",
        status=400,
        budget=0,
        statements=0,
        authorization=BASIC,
        content_type="application/x-www-form-urlencoded",
        body=urlencode(form).encode(),
    )


def print_table(database: str, times: dict[str, Sequence[float]]) -> None:
    tries = len(times[NAMES[0]])
    print(f"{database}: milliseconds of a refused sign-in, {tries} of each")
    for name, values in times.items():
        low, middle, high = quantiles(values)
        print(f"  {name:<10} {middle:8.2f}  half of them {low:.2f} to {high:.2f}")


if __name__ == "__main__":
    main()
