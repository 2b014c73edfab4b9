"""The end of a process, which those who send requests are told of before."""

import time


class Drain:
    """Whether the process is about to end, and since when."""

    began: float | None = None

    def begin(self) -> None:
        self.began = self.began or time.monotonic()

    def lasts(self, seconds: float) -> bool:
        """Whether it has begun, and for at least that long."""
        return self.began is not None and time.monotonic() >= self.began + seconds
