"""Serves variants of the application, each by a process of its own.

::

    python -m tests.conformance.serve server.ini

reads one line of JSON from the standard input, a list of settings for each variant,
prints the list of their ports, and serves until the input ends: so no process is left
behind, however the tests end. All share one start, since that is what takes long.
"""

import atexit
import gc
import json
import logging
import os
import socket
import sys
import threading
from functools import cache
from typing import Any, NoReturn

from pyramid.paster import get_appsettings, setup_logging
from waitress.server import create_server

import apiserver
from apiserver.users import hashing
from tests import factories


def settings_of(variant: dict[str, str], port: int) -> tuple[tuple[str, str], ...]:
    """Return the settings of a variant, which may name the port as ``{port}``."""
    own = {name: value.replace("{port}", str(port)) for name, value in variant.items()}
    return tuple(own.items())


@cache
def make_app(ini: str, own: tuple[tuple[str, str], ...]) -> Any:
    """Make the application; variants that don't differ have one, before the fork."""
    about = {"__file__": ini, "on_demand": "true"}
    return apiserver.main(about, **{**get_appsettings(ini), **dict(own)})


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
    leave()


def leave() -> NoReturn:
    """End the process at once: to tidy up all objects takes longer than most tests."""
    atexit._run_exitfuncs()
    os._exit(0)


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
    own = [settings_of(*both) for both in zip(variants, ports, strict=True)]
    apps = [make_app(ini, each) for each in own]
    # Whose garbage is looked for is shared by no process.
    gc.freeze()
    for app, sock in zip(apps, sockets, strict=True):
        if os.fork() == 0:
            serve(app, sock)
    sys.stdout.write(f"Serving at {json.dumps(ports)}\n")
    sys.stdout.flush()
    for _ in variants:
        os.wait()
    leave()


if __name__ == "__main__":
    main(sys.argv[1])
