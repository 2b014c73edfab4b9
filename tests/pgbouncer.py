"""PgBouncer in transaction mode, in front of a server of PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from tests.served import Program, free_port, listens
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
        command: list[str | Path] = [path_of("pgbouncer") or "", ini]
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            command += ["-u", "postgres"]
        with Program(command, folder / "printed.log") as program:
            program.until(lambda: listens(port))
            yield server.set(port=port).render_as_string(hide_password=False)
            program.end(SIGTERM)
