"""The command that runs jobs."""

from apiserver.commands.running import Command
from apiserver.core.jobs import Worker
from apiserver.core.registry import Registry
from apiserver.core.schemas import Object


class WorkerOptions(Object):
    pass


def work(registry: Registry) -> str:
    Worker(registry).work_until_signal()
    return "The worker has ended."


WORKER = Command(WorkerOptions, work)
