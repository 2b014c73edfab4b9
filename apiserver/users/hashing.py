"""Hashing passwords, the one thing that is meant to be slow: argon2id, a few at once.

Each hash takes a core for as long as some dozen requests, and 64 MiB. So there is a
gate in front of it: few hash, few wait, and all others are told to come again.

Whoever hashes holds nothing that others wait for: no lock, no connection
(``transactions.commit_so_far``).
"""

import secrets
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from pyramid.config import Configurator

from apiserver.core import settings
from apiserver.core.http import ServiceUnavailable
from apiserver.users.names import opaque

HASHER = PasswordHasher()
# Seconds in the queue after which one is told to come again.
PATIENCE = 15
# In the place of a digest: the account has no password, and signs in otherwise.
NO_PASSWORD = ""


class Busy(ServiceUnavailable):
    """Too many passwords are being hashed."""

    headers = (("Retry-After", "1"),)

    def __init__(self) -> None:
        super().__init__("Too many people are signing in right now.")


class Gate:
    """Lets ``width`` threads through at a time; ``queue`` more may wait."""

    def __init__(self, width: int, queue: int) -> None:
        self.change(width, queue)

    def change(self, width: int, queue: int) -> None:
        self.width, self.queue = width, queue
        self.passing = threading.Semaphore(width)
        self.lock = threading.Lock()
        self.waiting = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Wait for one's turn; raise Busy if too many are waiting, or for too long."""
        if not self.passing.acquire(blocking=False):
            self.wait()
        try:
            yield
        finally:
            self.passing.release()

    def wait(self) -> None:
        with self.lock:
            if self.waiting >= self.queue:
                raise Busy
            self.waiting += 1
        try:
            if not self.passing.acquire(timeout=PATIENCE):
                raise Busy
        finally:
            with self.lock:
                self.waiting -= 1


# One for the process, whose threads share its cores and its memory.
HASHING = Gate(2, queue=4)


def hash_password(password: str) -> str:
    """Return the argon2id hash, with its parameters and salt."""
    with HASHING():
        return HASHER.hash(opaque(password))


def digest_of_nobody() -> str:
    """Return a digest that takes the time of any other, and that no password matches.

    It is made without hashing, which would take a tenth of the server's start.
    """
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (HASHER.salt_len, HASHER.hash_len)
    )
    costs = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${digest}"


class Verdict(NamedTuple):
    """Whether it is the password, and its hash if that is made otherwise by now."""

    right: bool
    renewed: str | None = None


def verify(digest: str, password: str) -> Verdict:
    """Compare a password with what is stored; takes the time of a hash in any case.

    As passwords are spelled today, or as it was typed: so it was stored before. To be
    called within a turn at the gate. Where there is no password, none is right.
    """
    digest = digest or digest_of_nobody()
    spelled = opaque(password)
    spellings = dict.fromkeys((spelled, password))
    found = next((each for each in spellings if is_hash(digest, each)), None)
    if found is None:
        return Verdict(right=False)
    is_old = found != spelled or HASHER.check_needs_rehash(digest)
    return Verdict(right=True, renewed=HASHER.hash(spelled) if is_old else None)


def is_hash(digest: str, password: str) -> bool:
    try:
        return HASHER.verify(digest, password)
    except (VerificationError, InvalidHashError):
        return False


def password_matches(digest: str, password: str) -> bool:
    """Whether it is the password; takes the time of a hash in any case."""
    with HASHING():
        return verify(digest, password).right


def includeme(config: Configurator) -> None:
    config.add_setting("hashing_threads", settings.count_up_to(1000), "2")
    config.add_setting("hashing_queue", settings.count, "4")
    values = config.registry.settings
    width = values["apiserver.hashing_threads"]
    HASHING.change(width, queue=values["apiserver.hashing_queue"])
