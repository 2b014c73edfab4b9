"""A server of RabbitMQ of a test's own: its node, its ports, its folder."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM

from tests.served import Program, clean_environment, free_port, listens
from tests.tools import RABBITMQ

PATIENCE = 180


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run a server, with the port mapper of its own; yield its URL."""
    names, port, between = free_port(), free_port(), free_port()
    environment = clean_environment(
        HOME=str(folder),
        ERL_EPMD_ADDRESS="127.0.0.1",
        ERL_EPMD_PORT=str(names),
        RABBITMQ_NODENAME=f"test{port}@localhost",
        RABBITMQ_NODE_IP_ADDRESS="127.0.0.1",
        RABBITMQ_NODE_PORT=str(port),
        RABBITMQ_DIST_PORT=str(between),
        RABBITMQ_MNESIA_BASE=str(folder / "mnesia"),
        RABBITMQ_LOG_BASE=str(folder / "log"),
        RABBITMQ_LOGS="-",
        RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "plugins"),
        RABBITMQ_CONFIG_FILE=str(folder / "rabbitmq"),
        RABBITMQ_CONF_ENV_FILE=os.devnull,
        # The process is then the server itself, which is ended by its id.
        RUNNING_UNDER_SYSTEMD="true",
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=(
            "-kernel inet_dist_use_interface {127,0,0,1}"
        ),
    )
    log = folder / "rabbitmq.log"
    with (
        Program(["epmd"], folder / "epmd.log", environment=environment),
        Program([RABBITMQ], log, environment=environment) as server,
    ):
        wait(server, port)
        yield f"amqp://guest:guest@127.0.0.1:{port}/"
        server.end(SIGTERM)


def wait(server: Program, port: int) -> None:
    end = time.monotonic() + PATIENCE
    while not (listens(port) and "Server startup complete" in server.said()):
        if server.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"RabbitMQ did not start:\n{server.said()}")
        time.sleep(0.2)
