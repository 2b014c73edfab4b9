"""Background jobs: enqueued in the transaction of a request, run by a worker."""

from apiserver.core.jobs.declared import Job, JobFailed, Run, job
from apiserver.core.jobs.figures import Figures, read_figures
from apiserver.core.jobs.models import QueuedJob
from apiserver.core.jobs.models import State as JobState
from apiserver.core.jobs.operating import (
    SHOWN,
    STATES,
    delete_jobs,
    find_jobs,
    retry_jobs,
)
from apiserver.core.jobs.putting import put
from apiserver.core.jobs.schedules import cron, every
from apiserver.core.jobs.worker import Worker, dramatiq_broker, work_off

__all__ = [
    "SHOWN",
    "STATES",
    "Figures",
    "Job",
    "JobFailed",
    "JobState",
    "QueuedJob",
    "Run",
    "Worker",
    "cron",
    "delete_jobs",
    "dramatiq_broker",
    "every",
    "find_jobs",
    "job",
    "put",
    "read_figures",
    "retry_jobs",
    "work_off",
]
