"""Serves variants of the application, each by a process of its own.

::

    python -m tests.conformance.serve server.ini

reads one line of JSON from the standard input, a list of settings for each variant,
prints the list of their ports, and serves until the input ends: so no process is left
behind, however the tests end. All share one start, since that is what takes long.
"""

import json
import logging
import os
import socket
import sys
import threading
from typing import Any

from pyramid.paster import get_appsettings, setup_logging
from waitress.server import create_server

import apiserver
from apiserver.users import hashing
from tests import factories


def make_app(ini: str, variant: dict[str, str], port: int) -> Any:
    """Make the application; a setting may name the port as ``{port}``."""
    own = {name: value.replace("{port}", str(port)) for name, value in variant.items()}
    return apiserver.main({"__file__": ini}, **{**get_appsettings(ini), **own})


def listen() -> socket.socket:
    """Listen at a port that the system chooses."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(1024)
    return sock


def serve(app: Any, sock: socket.socket) -> None:
    """Answer requests until the input ends; the threads begin here, after the fork."""
    server = create_server(app, sockets=[sock])
    threading.Thread(target=server.run, daemon=True).start()
    sys.stdin.buffer.raw.read()
    sys.exit()


def tell_all() -> None:
    """Let loggers speak that were there before the ini file, which silences them."""
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False
    # At DEBUG it logs each row.
    logging.getLogger("sqlalchemy").setLevel(logging.INFO)


def main(ini: str) -> None:
    # tests/auth/test_guessing.py looks at what a hash costs.
    hashing.HASHER = factories.HASHER
    setup_logging(ini)
    tell_all()
    variants: list[dict[str, str]] = json.loads(sys.stdin.readline())
    sockets = [listen() for _ in variants]
    ports = [sock.getsockname()[1] for sock in sockets]
    apps = [make_app(ini, *both) for both in zip(variants, ports, strict=True)]
    for app, sock in zip(apps, sockets, strict=True):
        if os.fork() == 0:
            serve(app, sock)
    sys.stdout.write(f"Serving at {json.dumps(ports)}\n")
    sys.stdout.flush()
    for _ in variants:
        os.wait()


if __name__ == "__main__":
    main(sys.argv[1])
