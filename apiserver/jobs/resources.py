"""Jobs on the tree: ``/jobs/``, ``/jobs/{job_id}``. Only administrators come here."""

from sqlalchemy import select

from apiserver.core.jobs import SHOWN, QueuedJob
from apiserver.core.tree import KEY, Collection, Item, Resource
from apiserver.core.typing import Row

# Without the payload.
SELECT_JOBS = select(*SHOWN)


class RetryNode(Resource):
    """Where a job is tried again."""


class JobResource(Item[QueuedJob]):
    """One job: ``context.job``."""

    children = {"retry": RetryNode}
    noun, model = "job", QueuedJob
    statement = SELECT_JOBS.where(QueuedJob.id == KEY)
    job: Row


class JobCollection(Collection):
    """All jobs that aren't done."""

    item = JobResource
