"""Work for later: put in the transaction of a request, done by a worker."""

from apiserver.core.jobs.declared import Job, JobFailed, Run, job
from apiserver.core.jobs.putting import put
from apiserver.core.jobs.schedules import cron, every
from apiserver.core.jobs.worker import Worker, work_off

__all__ = [
    "Job",
    "JobFailed",
    "Run",
    "Worker",
    "cron",
    "every",
    "job",
    "put",
    "work_off",
]
