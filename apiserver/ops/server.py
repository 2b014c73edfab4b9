"""Waitress that ends as an orchestrator wants it: ``use = egg:apiserver#waitress``.

What is wrong with its options, or with the address, it says before there is an
application.

::

    SIGTERM ── /readyz returns 503 ── drain_seconds pass ── the socket is closed
            ── requests in progress are finished ── exit status 0

With ``worker = true`` it runs jobs, too, in a thread beside those of requests.

While it drains each answer closes its connection, so that a proxy keeps none open that
is about to end.
"""

import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial

from pyramid.exceptions import ConfigurationError
from pyramid.router import Router
from pyramid.settings import asbool
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server
from waitress.task import WSGITask
from waitress.utilities import RequestEntityTooLarge

from apiserver.core.jobs import Worker
from apiserver.core.registry import Registry
from apiserver.core.settings import startup
from apiserver.ops import listening

# A request that takes longer than this after the socket is closed is given up.
LONGEST_REQUEST = 30
# Seconds in which a proxy that has connected has sent the beginning of its request.
FIRST_BYTES = 1
# By their numbers, as waitress keeps them.
Sockets = dict[int, wasyncore.dispatcher]

# Seconds between two looks at what is going on.
TURN = 0.2

# Its own refusal, in the words of RFC 9110.
RequestEntityTooLarge.reason = "Content Too Large"


class DrainingTask(WSGITask):
    """Handles a request; while the server drains, as the last of its connection."""

    def build_response_header(self) -> bytes:
        if self.channel.server.drain.began is not None:
            self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header

    def set_close_on_finish(self) -> None:
        """Close after this response, but not only because it has no body.

        waitress misses its length, though 204 and 304 have none (RFC 9112 section 6.3).
        """
        asked = self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or asked or self.version != "1.1":
            super().set_close_on_finish()


class DrainingChannel(HTTPChannel):
    """A connection."""

    task_class = DrainingTask


def make_server(
    global_config: dict[str, str], **options: str
) -> Callable[[Router], int]:
    """Return what serves an application; options are those of ``serve``."""
    with startup.one_sentence(global_config.get("__file__", "")):
        listening.check(options)
    return partial(serve, global_config=global_config, **options)


def serve(app: Router, global_config: dict[str, str], **options: str) -> int:
    """Serve until SIGTERM or Ctrl+C; options are those of waitress and of our own."""
    wait = float(options.pop("drain_seconds", "0"))
    jobs = working if asbool(options.pop("worker", "false")) else nullcontext
    if "trusted_proxy" not in options:
        # Or waitress drops what proxies say; the application knows whom it trusts.
        options["clear_untrusted_proxy_headers"] = "false"
    sockets: Sockets = {}
    try:
        server = create_server(app, map=sockets, **taking_files(app, options))
    except OSError as error:  # Someone else was faster.
        raise ConfigurationError(f"The server can't listen: {error}.") from None
    server.print_listen("Serving on http://{}:{}")
    drain = app.registry.drain
    for each in of_kind(BaseWSGIServer, sockets):
        each.channel_class, each.drain = DrainingChannel, drain
    signal.signal(signal.SIGTERM, lambda number, frame: drain.begin())
    with jobs(app.registry):
        with suppress(SystemExit, KeyboardInterrupt):
            while not drain.lasts(wait):
                turn(server, sockets)
            finish(server, sockets)
        server.task_dispatcher.shutdown()
    return 0


@contextmanager
def working(registry: Registry) -> Iterator[None]:
    """Run jobs in a thread during the block, and finish the one that runs then."""
    worker = Worker(registry)
    thread = threading.Thread(target=worker.work, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(LONGEST_REQUEST)


def taking_files(app: Router, options: dict[str, str]) -> dict[str, str]:
    """Return the options, which let in what the application takes.

    Files may be longer than other bodies.
    """
    limits = app.registry.body_limits.values()
    if "max_request_body_size" not in options or not limits:
        return options
    given = int(options["max_request_body_size"])
    # It refuses a body of just this size.
    return {**options, "max_request_body_size": str(max(given, max(limits) + 1))}


def turn(server: BaseWSGIServer, sockets: Sockets) -> None:
    """Read and write what can be read and written."""
    wasyncore.loop(TURN, server.adj.asyncore_use_poll, sockets, count=1)


def finish(server: BaseWSGIServer, sockets: Sockets) -> None:
    """Take no further connections; finish the requests in progress."""
    for each in of_kind(BaseWSGIServer, sockets):
        accept_waiting(each)
        # Not its own close(), which also ends what wakes this loop.
        wasyncore.dispatcher.close(each)
    end = time.monotonic() + LONGEST_REQUEST
    while channels := of_kind(HTTPChannel, sockets):
        for channel in channels:
            channel.will_close = channel.will_close or is_idle(channel)
        if time.monotonic() > end:
            break
        turn(server, sockets)


def accept_waiting(server: BaseWSGIServer) -> None:
    """Accept whom the system has let in already: closing would reset them."""
    for _ in range(server.adj.backlog):
        if not select.select([server.socket], [], [], 0)[0]:
            return
        server.handle_accept()


def is_idle(channel: HTTPChannel) -> bool:
    """Whether the connection waits for a request, and isn't one that was just made."""
    if channel.requests or channel.request or channel.total_outbufs_len:
        return False
    return bool(time.time() - channel.last_activity > FIRST_BYTES)


def of_kind(kind: type, sockets: Sockets) -> list[wasyncore.dispatcher]:
    return [found for found in sockets.values() if isinstance(found, kind)]
