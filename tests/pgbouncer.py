"""PgBouncer in transaction mode, in front of a server of PostgreSQL."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from tests.postgresql import free_port
from tests.tools import path_of

# As it is installed: it refuses what it doesn't know of the options at the start.
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
ignore_startup_parameters = {ignored}
max_client_conn = 200
logfile = {folder}/pgbouncer.log
"""


@contextmanager
def pooling(url: str, ignored: str = "") -> Iterator[str]:
    """Run PgBouncer; yield the URL of the database through it.

    Fewer connections lead to the server than are made to the pooler, so that each
    transaction is likely to get another one. ``ignored`` are options at the start of
    a connection that are dropped.
    """
    server, port = make_url(url), free_port()
    with TemporaryDirectory(prefix="pgbouncer-") as name:
        folder = Path(name)
        ini = folder / "pgbouncer.ini"
        ini.write_text(
            CONFIGURATION.format(
                server=server.port, port=port, folder=folder, ignored=ignored
            )
        )
        command = [path_of("pgbouncer"), ini]
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            command += ["-u", "postgres"]
        process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_for(process, port)
            yield server.set(port=port).render_as_string(hide_password=False)
        finally:
            process.terminate()
            process.wait()


def wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait until the port takes connections."""
    while True:
        assert process.poll() is None, "PgBouncer did not start."
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
