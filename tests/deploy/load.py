"""Callers that never rest, for tests of what happens meanwhile."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

PATH = "/api/v1/teams/"
CALLERS = 3


class Load:
    """Callers that read and write until they are stopped; counts the answers."""

    def __init__(self, make_client: Callable[[], httpx.Client], account: Any) -> None:
        self.make_client, self.account = make_client, account
        self.statuses: Counter[int | str] = Counter()
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.call) for _ in range(CALLERS)]

    def call(self) -> None:
        with self.make_client() as http:
            self.account.sign_in(http)
            while not self.ended.is_set():
                try:
                    self.statuses[http.get(PATH).status_code] += 1
                    made = http.post(PATH, json={"title": "Engineers"})
                    self.statuses[made.status_code] += 1
                except httpx.TransportError as error:
                    self.statuses[repr(error)] += 1

    def reaches(self, requests: int) -> None:
        """Wait until so many more have been answered."""
        wanted = self.statuses.total() + requests
        while self.statuses.total() < wanted:
            assert any(thread.is_alive() for thread in self.threads)
            time.sleep(0.01)

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()
