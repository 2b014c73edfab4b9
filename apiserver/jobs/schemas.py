"""Jobs as JSON. Payloads are never shown: they are about people, as a rule."""

from apiserver.core.jobs import JobState
from apiserver.core.schemas import Choice, Id, Moment, Object, Text, Whole

KEY = "3f2a7d0c9b5e4f1886a1c0d2e4b6f8a0"


class JobDetail(Object):
    """A job that isn't done; one that is done is gone."""

    id = Id()
    name = Text(1, 80, example="purge_expired", description="The name of the job.")
    state = Choice(JobState, example="dead", description="What it waits for.")
    attempts = Whole(0, 2**31 - 1, example=10, description="How often it was tried.")
    created = Moment(description="When it was put.")
    due = Moment(
        nullable=True,
        description="When it is tried; while it runs, when another worker takes it.",
    )
    started = Moment(nullable=True, description="When the last attempt began.")
    error = Text(
        1,
        500,
        nullable=True,
        example="OperationalError in purge, line 42",
        description="Why the last attempt has failed; the log says more, by the key.",
    )
    key = Text(32, 32, example=KEY, description="The same in each attempt.")
    request_id = Text(
        1, 80, example=KEY, description="The request that put it, or the key."
    )
