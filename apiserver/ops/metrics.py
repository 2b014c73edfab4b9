"""Metrics for Prometheus: ``/metrics``, for allowed addresses.

With ``PROMETHEUS_MULTIPROC_DIR`` in the environment each process reports the metrics of
all processes behind a port; without it, only its own.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import (
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.traversal import DefaultRootFactory
from pyramid.tweens import INGRESS
from sqlalchemy.exc import SQLAlchemyError

from apiserver.core.audit import Recorded
from apiserver.core.endpoints import Request
from apiserver.core.http import METHODS, Handler, NotFound, Response
from apiserver.core.jobs import Figures, read_figures
from apiserver.core.registry import Registry
from apiserver.ops.access_log import route_of
from apiserver.ops.addresses import is_in, networks
from apiserver.users.hashing import HASHING

log = logging.getLogger(__name__)


class JobMetrics(Collector):
    """The metrics of jobs, read from the database for each scrape."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def collect(self) -> Iterator[Metric]:
        try:
            found = read_figures(self.registry)
        except SQLAlchemyError:
            # The other metrics don't need the database, and matter most now.
            log.warning("The metrics of jobs can't be read.", exc_info=True)
            return
        yield from metrics_of(found)

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: the names need no database, and meet no others."""
        return iter(())


def metrics_of(found: Figures) -> Iterator[Metric]:
    jobs = GaugeMetricFamily(
        "apiserver_jobs", "Jobs that aren't done.", labels=("job", "state")
    )
    for row in found.waiting:
        jobs.add_metric((row.name, row.state.value), row.number)
    yield jobs
    about = "How long the oldest job that is due has waited for a worker."
    yield GaugeMetricFamily("apiserver_jobs_oldest_seconds", about, found.oldest)
    ended = SummaryMetricFamily(
        "apiserver_job_duration_seconds",
        "Attempts at jobs that have ended.",
        labels=("job", "outcome"),
    )
    for row in found.ended:
        ended.add_metric((row.name, row.outcome), row.attempts, row.seconds)
    yield ended


class Metrics:
    """The metrics of a process."""

    def __init__(self, registry: Registry) -> None:
        self.collected = CollectorRegistry()
        self.jobs = JobMetrics(registry)
        self.gauges: list[tuple[Gauge, Callable[[], float]]] = []
        self.requests = Histogram(
            "apiserver_request_duration_seconds",
            "Response time, by route and status.",
            ("method", "route", "status"),
            registry=self.collected,
        )
        self.events = Counter(
            "apiserver_events",
            "Audit log events: sign-ins, tokens, throttled attempts.",
            ("action", "result"),
            registry=self.collected,
        )
        self.collected.register(self.jobs)
        about = "Threads waiting to hash a password."
        self.gauge("password_hashes_waiting", about, lambda: HASHING.waiting)
        for kind in ("write", "read"):
            pool = getattr(registry, f"{kind}_sessions").kw["bind"].pool
            about = f"Connections in use of the pool that {kind}s."
            self.gauge(f"{kind}_connections_in_use", about, pool.checkedout)

    def gauge(self, name: str, about: str, read: Callable[[], float]) -> None:
        gauge = Gauge(
            f"apiserver_{name}",
            about,
            registry=self.collected,
            multiprocess_mode="livesum",
        )
        self.gauges.append((gauge, read))

    def read_gauges(self) -> None:
        """Set the gauges: with several processes ``set_function`` doesn't work."""
        for gauge, read in self.gauges:
            gauge.set(read())

    def count(self, recorded: Recorded) -> None:
        """Count an event of the audit log."""
        event = recorded.event
        self.events.labels(event["action"], event["result"]).inc()

    def text(self) -> bytes:
        """Return the text format of Prometheus."""
        self.read_gauges()
        collected = self.collected
        if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            forget_the_dead(folder)
            collected = CollectorRegistry()
            # It has no types.
            MultiProcessCollector(collected)  # type: ignore[no-untyped-call]
            collected.register(self.jobs)
        return generate_latest(collected)


def forget_the_dead(folder: str) -> None:
    """Drop the gauges of processes that have ended; keep their counters."""
    for path in Path(folder).glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        # Another process may be doing the same.
        with suppress(FileNotFoundError):
            if not is_alive(pid):
                # It has no types.
                mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def is_alive(pid: int) -> bool:
    """Whether a process with this id exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def metrics_tween(handler: Handler, registry: Registry) -> Handler:
    """Measure the duration of requests; update the gauges before and after."""
    requests = registry.metrics.requests
    read_gauges = registry.metrics.read_gauges

    def measured(request: Request) -> Response:
        start = time.perf_counter()
        read_gauges()
        response = handler(request)
        method = request.method if request.method in METHODS else "other"
        labels = (method, route_of(request) or "", response.status_int)
        requests.labels(*labels).observe(time.perf_counter() - start)
        # After earlier callbacks, which return connections.
        request.add_finished_callback(lambda request: read_gauges())
        return response

    return measured


def metrics(request: Request) -> Response:
    """Respond to allowed addresses; return 404 to others."""
    allowed = request.setting("metrics_allow")
    if not is_in(request.address, allowed):
        raise NotFound("There is nothing at this URL.")
    return Response(
        app_iter=[request.registry.metrics.text()],
        headerlist=[("Content-Type", CONTENT_TYPE_LATEST)],
    )


def includeme(config: Configurator) -> None:
    config.add_setting("metrics_allow", networks)
    if config.registry.settings["apiserver.metrics_allow"]:
        config.registry.metrics = Metrics(config.registry)
        config.add_subscriber(config.registry.metrics.count, Recorded)
        config.add_tween("apiserver.ops.metrics.metrics_tween", under=INGRESS)
    config.add_route("metrics", "/metrics", factory=DefaultRootFactory)
    config.add_view(
        metrics,
        route_name="metrics",
        request_method="GET",
        permission=NO_PERMISSION_REQUIRED,
    )
