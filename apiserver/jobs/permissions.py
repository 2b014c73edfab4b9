"""What may be done with jobs."""

from apiserver.core.tree import Permission


class JobPermission(Permission):
    """What may be done with jobs."""

    LIST = ("job:list", "jobs:read", "List the jobs that aren't done.")
    READ = ("job:read", "jobs:read", "See a job that isn't done.")
    RETRY = ("job:retry", "jobs:write", "Try a dead job again.")
    DELETE = ("job:delete", "jobs:write", "Delete a job.")
