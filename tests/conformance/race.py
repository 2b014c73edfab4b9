"""Requests at the same moment, to several processes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx

Call = Callable[[], httpx.Response]


def at_once(calls: Sequence[Call]) -> list[httpx.Response]:
    """Send the requests at once, and return their answers in the same order."""
    ready = Barrier(len(calls))

    def send(call: Call) -> httpx.Response:
        ready.wait(timeout=60)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(send, calls))
