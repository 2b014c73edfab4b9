"""Measures time where it could tell a secret."""

import time
from collections.abc import Callable


def least_time(function: Callable[[], object], times: int = 5) -> float:
    """Return the seconds of the quickest call, which other load disturbs least."""

    def measure() -> float:
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    return min(measure() for _ in range(times))
