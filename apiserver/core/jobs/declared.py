"""Declares jobs: a name, a function, the schema of its payload.

::

    class Reminder(Object):
        project_id = Id()

    @job(takes=Reminder)
    def remind(run: Run, *, project_id: int) -> None: ...

``config.scan`` finds them; ``config.add_job`` adds one by hand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

import colander
import orjson
import venusian
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from venusian import Scanner

from apiserver.core.db.sessions import Session
from apiserver.core.jobs.models import LONGEST_NAME
from apiserver.core.jobs.schedules import Schedule
from apiserver.core.registry import Registry
from apiserver.core.schemas.dump import compile_dump
from apiserver.core.schemas.fields import Object
from apiserver.core.schemas.validation import problems
from apiserver.core.settings.declared import word

ATTEMPTS = 10
# The prefix of a job's name in the audit log, where it replaces the address.
ADDRESS = "job:"
# The time limit of an attempt, in seconds.
LIMIT = 300
# In bytes of JSON: payloads refer to rows, they don't contain them.
LONGEST_PAYLOAD = 16 * 1024


class JobFailed(Exception):
    """An attempt has failed, for a reason that may be stored and shown.

    With ``retry=False`` there are no more attempts.
    """

    def __init__(self, reason: str, *, retry: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


@dataclass
class Run:
    """An attempt at a job: the argument of its function.

    What it writes with ``db`` is committed together with the completion of the job,
    exactly once. Everything else happens at least once; ``key`` is the same for each
    attempt, so that other services can recognize repetitions.
    """

    registry: Registry
    db: Session
    key: str
    attempt: int
    # Commits what was written so far (at least once), and begins a new transaction, so
    # that nothing is locked during slow work.
    commit_so_far: Callable[[], None]


class Nothing(Object):
    """An empty payload."""


@dataclass(eq=False)
class Job:
    """A declared job; calling it calls its function."""

    function: Callable[..., None]
    name: str
    takes: type[Object] = Nothing
    attempts: int = ATTEMPTS
    limit: int = LIMIT
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        self.schema = self.takes()
        for node in self.schema.children:
            if getattr(node, "secret", False):
                raise TypeError(
                    f"The payload of the job {self.name} must not hold the secret "
                    f"{node.name}: store it, and pass its id."
                )

    def __call__(self, run: Run, **values: object) -> None:
        self.function(run, **values)

    def write(self, values: Mapping[str, object]) -> str:
        """Return the payload as JSON; raise ValueError if it is invalid."""
        dumps = {node.name: compile_dump(node) for node in self.schema.children}
        document = {
            name: dumps[name](value) if name in dumps else value
            for name, value in values.items()
        }
        payload = orjson.dumps(document).decode()
        if len(payload) > LONGEST_PAYLOAD:
            raise ValueError(
                f"The payload of the job {self.name} is longer than "
                f"{LONGEST_PAYLOAD} bytes."
            )
        self.read(payload)
        return payload

    def read(self, payload: str) -> dict[str, object]:
        """Return the values of a payload; raise ValueError if it is invalid.

        The error names the fields, without values.
        """
        try:
            values: dict[str, object] = self.schema.deserialize(orjson.loads(payload))
        except colander.Invalid as invalid:
            wrong = "; ".join(f"{name}: {what}" for name, what in problems(invalid))
            raise ValueError(
                f"The payload of the job {self.name} is not valid: {wrong}"
            ) from None
        return values


def job(
    *,
    takes: type[Object] = Nothing,
    attempts: int = ATTEMPTS,
    limit: int = LIMIT,
    schedule: Schedule | None = None,
    name: str = "",
) -> Callable[[Callable[..., None]], Job]:
    """Declare the function as a job.

    It is called with a ``Run`` and the fields of the payload. An attempt may take
    ``limit`` seconds; after this many ``attempts`` the job is dead. ``name``, by
    default that of the function, identifies stored jobs.
    """

    def declare(function: Callable[..., None]) -> Job:
        declared = Job(
            function, name or function.__name__, takes, attempts, limit, schedule
        )
        venusian.attach(declared, add, category="pyramid")
        return declared

    def add(scanner: Scanner, name: str, declared: Job) -> None:
        scanner.config.add_job(declared)

    return declare


def add_job(config: Configurator, declared: Job) -> None:
    """Let workers of this application run the job."""
    if len(ADDRESS + declared.name) > LONGEST_NAME:
        raise ConfigurationError(f"The name of the job {declared.name} is too long.")
    if declared.schedule is not None:
        declared.write({})

    def add() -> None:
        config.registry.jobs[declared.name] = declared

    config.action(("job", declared.name), add)


def broker(value: str) -> str:
    """The URL of a broker for Dramatiq, or nothing."""
    url = word(value)
    if url and urlsplit(url).scheme not in {"amqp", "amqps", "redis", "rediss"}:
        raise ValueError("must be a URL that begins with amqp:// or redis://")
    if url and find_spec("dramatiq") is None:
        raise ValueError("needs Dramatiq: pip install 'apiserver[dramatiq]'")
    return url


def includeme(config: Configurator) -> None:
    config.registry.jobs = {}
    config.add_setting("jobs_broker", broker)
    config.add_directive("add_job", add_job)
