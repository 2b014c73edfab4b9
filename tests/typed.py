"""A terminal in front of a program."""

import os
import pty
import select
import subprocess
import time
from typing import Any

# Ctrl+C reaches the process by the terminal that it takes for its own.
AGAIN = """
import fcntl, termios
from apiserver.commands import main
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
for number in range({times}):
    print("status", main({arguments}), "of", number, flush=True)
"""


def again(times: int, *arguments: str) -> str:
    """Return what runs a command so often in one process, which takes long to start."""
    return AGAIN.format(times=times, arguments=arguments)


class Terminal:
    """Starts a program that has a terminal; shows what it prints, types lines."""

    def __init__(self, *command: Any, **options: Any) -> None:
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(  # noqa: S603
            command, stdin=theirs, stdout=theirs, stderr=theirs, **options
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Read what is shown until the text is there."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            if select.select([self.ours], [], [], 0.2)[0]:
                self.shown += os.read(self.ours, 4096).decode("utf-8", "replace")

    def type(self, line: str, end: str = "\r") -> None:
        os.write(self.ours, f"{line}{end}".encode())
