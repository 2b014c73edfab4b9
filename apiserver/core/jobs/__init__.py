"""Work for later: put in the transaction of a request, done by a worker."""

from apiserver.core.jobs.declared import Job, JobFailed, Run, job
from apiserver.core.jobs.figures import Figures, figures
from apiserver.core.jobs.putting import put
from apiserver.core.jobs.schedules import cron, every
from apiserver.core.jobs.worker import Worker, work_off

__all__ = [
    "Figures",
    "Job",
    "JobFailed",
    "Run",
    "Worker",
    "cron",
    "every",
    "figures",
    "job",
    "put",
    "work_off",
]
