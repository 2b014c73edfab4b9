"""The command that runs the jobs that requests have put."""

import signal
from types import FrameType

from apiserver.commands.running import Command
from apiserver.core.jobs import Worker
from apiserver.core.registry import Registry
from apiserver.core.schemas import Object


class WorkerOptions(Object):
    pass


def work(registry: Registry) -> str:
    """Run jobs until SIGTERM or Ctrl+C; the one that runs then is finished.

    The second Ctrl+C ends that, too: it is tried again by another worker.
    """
    worker = Worker(registry)

    def stop(number: int, frame: FrameType | None) -> None:
        if worker.stopping.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.work()
    return "The worker has ended."


WORKER = Command(WorkerOptions, work)
