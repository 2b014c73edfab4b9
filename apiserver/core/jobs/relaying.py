"""Sends jobs from the table to a broker; Dramatiq's workers run them.

Only committed jobs are sent, and none is lost. If a worker ends between the broker's
confirmation and its own commit, the job is sent twice, with the same key: jobs are run
at least once. Retries, time limits and dead letters are Dramatiq's, with the values
that the job declares.

Imported if ``apiserver.jobs_broker`` is set; needs the extra ``dramatiq``.
"""

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any

import dramatiq
from dramatiq.middleware import CurrentMessage

from apiserver.core.jobs import running, taking
from apiserver.core.jobs.declared import Job, JobFailed
from apiserver.core.jobs.taking import BrokerDown, Taken
from apiserver.core.registry import Registry

log = logging.getLogger(__name__)

QUEUE = "jobs"
# The name of an actor.
PARAMETERS = ("payload", "key", "request_id")
SENT = "sent"


class Failed(Exception):
    """An attempt has failed; the message may be stored, as Dramatiq does."""


class GivenUp(Failed):
    """The job has failed for good: Dramatiq doesn't retry it."""


def broker_of(registry: Registry) -> dramatiq.Broker:
    """Return the broker of ``apiserver.jobs_broker``, with an actor for each job."""
    url: str = registry.settings["apiserver.jobs_broker"]
    if url.startswith("amqp"):
        brokers = import_module("dramatiq.brokers.rabbitmq")
        broker: dramatiq.Broker = brokers.RabbitmqBroker(url=url, confirm_delivery=True)
    else:
        brokers = import_module("dramatiq.brokers.redis")
        broker = brokers.RedisBroker(url=url, namespace="apiserver")
    broker.add_middleware(CurrentMessage())
    for job in registry.jobs.values():
        declare = dramatiq.actor(
            actor_name=job.name,
            queue_name=QUEUE,
            broker=broker,
            max_retries=job.attempts - 1,
            min_backoff=taking.FIRST_DELAY * 1000,
            max_backoff=taking.LONGEST_DELAY * 1000,
            time_limit=job.limit * 1000,
            throws=GivenUp,
        )
        declare(actor_of(registry, job))
    return broker


def actor_of(registry: Registry, job: Job) -> Callable[..., None]:
    """Make the function that runs the job in a Dramatiq worker."""

    def act(payload: str, key: str, request_id: str) -> None:
        message: Any = CurrentMessage.get_current_message()
        attempt = message.options.get("retries", 0) + 1
        taken = Taken(0, job.name, payload, key, request_id, attempt)
        try:
            running.run(registry, taken, keep=nothing, end=nothing)
        except Exception as error:
            log.exception("The job %s %s has failed.", job.name, key)
            is_last = isinstance(error, JobFailed) and not error.retry
            raised = GivenUp if is_last else Failed
            raise raised(running.told(error, job)) from None

    return act


def nothing(db: object) -> bool:
    """Write nothing: Dramatiq keeps track of the message."""
    return True


class Relay:
    """Sends the jobs that a worker takes."""

    def __init__(self, registry: Registry) -> None:
        self.broker = broker_of(registry)

    def __call__(self, registry: Registry, taken: Taken, lease: float) -> str:
        """Send a job; return the outcome. Raises BrokerDown."""
        about = {name: getattr(taken, name) for name in PARAMETERS}
        actor = self.broker.get_actor(taken.name)
        try:
            self.broker.enqueue(actor.message_with_options(kwargs=about))
        except Exception as error:
            with taking.transaction(registry) as db:
                taking.put_back(db, taken)
            raise BrokerDown from error
        with taking.transaction(registry) as db:
            return SENT if taking.complete(db, taken) else running.LOST

    def close(self) -> None:
        self.broker.close()
