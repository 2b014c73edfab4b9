"""Draining: a process announces its end before it stops accepting requests."""

import time


class Drain:
    """Whether the process is about to end, and since when."""

    began: float | None = None

    def begin(self) -> None:
        self.began = self.began or time.monotonic()

    def lasts(self, seconds: float) -> bool:
        """Whether it has begun at least this long ago."""
        return self.began is not None and time.monotonic() >= self.began + seconds
