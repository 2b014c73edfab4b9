"""The endpoints of ``/jobs``."""

from apiserver.core.audit import record_call
from apiserver.core.endpoints import ApiService, Request
from apiserver.core.http import Conflict
from apiserver.core.jobs import QueuedJob, delete_jobs, retry_jobs
from apiserver.core.lists import Listing, at_least, below, equals, one_of
from apiserver.jobs.permissions import JobPermission
from apiserver.jobs.resources import SELECT_JOBS, JobResource
from apiserver.jobs.schemas import JobDetail

JOBS = Listing(
    SELECT_JOBS,
    by=QueuedJob.id,
    sort=(QueuedJob.id, QueuedJob.name, QueuedJob.created),
    filters={
        "state": one_of(QueuedJob.state),
        "name": equals(QueuedJob.name),
        "created_from": at_least(QueuedJob.created),
        "created_until": below(QueuedJob.created),
    },
)

jobs = ApiService("jobs", "/jobs/")
job = ApiService("job", "/jobs/{job_id}")
retry = ApiService("job_retry", "/jobs/{job_id}/retry")


class NotDead(Conflict):
    """The job waits, or runs: it is tried without being asked to."""

    sentence = "The job isn't dead: only a dead job can be tried again."


class Running(Conflict):
    """A worker has the job."""

    sentence = "The job is running: it can't be deleted."


@jobs.get(permission=JobPermission.LIST, lists=JOBS, returns=JobDetail)
def list_jobs(request: Request) -> object:
    """List the jobs that aren't done.

    Those that are done leave no trace here; the audit log has what they did.
    """
    return JOBS.page_of(request)


@job.get(permission=JobPermission.READ, returns=JobDetail)
def get_job(request: Request) -> object:
    """See a job that isn't done."""
    return request.context.job


@retry.post(permission=JobPermission.RETRY, returns=JobDetail, errors=(NotDead,))
def retry_job(request: Request) -> QueuedJob:
    """Try a dead job again, with all of its attempts before it."""
    entity: QueuedJob = request.context.above(JobResource).lock()
    if not retry_jobs(request.db, id=entity.id):
        raise NotDead
    record_call(request, "job_retried", target=f"job:{entity.id}")
    request.db.refresh(entity)
    return entity


@job.delete(permission=JobPermission.DELETE, errors=(Running,))
def delete_job(request: Request) -> None:
    """Delete a job, dead or queued: it is never done."""
    entity: QueuedJob = request.context.lock()
    if not delete_jobs(request.db, id=entity.id):
        raise Running
    record_call(request, "job_deleted", target=f"job:{entity.id}")
