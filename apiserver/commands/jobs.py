"""The commands that show jobs, try dead ones again, and delete them."""

from apiserver.commands.options import Name
from apiserver.commands.running import Command, transaction
from apiserver.core.audit import record_command
from apiserver.core.jobs import STATES, delete_jobs, find_jobs, retry_jobs
from apiserver.core.registry import Registry
from apiserver.core.schemas import Choice, Object, Whole
from apiserver.core.typing import Row

# Lines of jobs that are shown at once.
MOST = 100


class Chosen(Object):
    job = Name(missing=None, description="Only jobs of this name.")
    id = Whole(1, 2**63 - 1, missing=None, description="Only the job with this id.")


class ListOptions(Chosen):
    state = Choice(
        *STATES, missing=None, description="Only jobs that are queued, running or dead."
    )


class DeleteOptions(Chosen):
    state = Choice(
        "dead",
        "queued",
        missing="dead",
        description="Which jobs to delete, dead or queued; dead by default.",
    )


def show(registry: Registry, **choice: object) -> str:
    """Show the oldest jobs, a line for each."""
    with transaction(registry) as db:
        rows, number = find_jobs(db, MOST, **choice)
    lines = [line(row) for row in rows]
    if number > len(rows):
        lines.append(f"and {number - len(rows)} more")
    return "\n".join(lines) or "There are no such jobs."


def line(row: Row) -> str:
    about = f"{row.id} {row.name} {row.state.value}, {row.attempts} attempts"
    when = f", due {row.due:%Y-%m-%d %H:%M:%S}" if row.due else ""
    return f"{about}{when}{f': {row.error}' if row.error else ''}"


def retry(registry: Registry, **choice: object) -> str:
    with transaction(registry) as db:
        number = retry_jobs(db, **choice)
        record_command(db, "jobs_retried", target=f"job rows={number}")
    return f"Queued again: {number}"


def remove(registry: Registry, **choice: object) -> str:
    with transaction(registry) as db:
        number = delete_jobs(db, **choice)
        record_command(db, "jobs_deleted", target=f"job rows={number}")
    return f"Deleted: {number}"


LIST = Command(ListOptions, show)
RETRY = Command(Chosen, retry)
DELETE = Command(DeleteOptions, remove)
