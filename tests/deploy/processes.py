"""Servers that a test starts at free ports, by ``deploy/serve`` or beside those."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT, SIGTERM

from tests.conftest import ROOT
from tests.forked import Forked
from tests.served import Program, Running, clean_environment, free_port, status_at

DEPLOY = ROOT / "deploy"


class Servers:
    """Servers of the application, by their ports."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.environment = clean_environment(**settings)
        self.running: dict[int, Running] = {}
        self.uwsgi: dict[int, int] = {}

    def start(self, server: str = "waitress", project: Path = ROOT) -> int:
        """Start one; return its port, where it doesn't answer yet."""
        port = free_port()
        environment = {
            **self.environment,
            "SERVER": server,
            "ADDRESS": f"127.0.0.1:{port}",
            "WORKERS": "1",
        }
        if server == "uwsgi":
            self.uwsgi[port] = free_port()
            environment["UWSGI_SOCKET"] = f"127.0.0.1:{self.uwsgi[port]}"
        command = [project / "deploy/serve"]
        log = self.folder / f"{port}.log"
        self.running[port] = Program(command, log, environment=environment)
        return port

    def start_beside(self) -> int:
        """Fork one that is as ``deploy/serve`` starts waitress."""
        port = free_port()
        address = f"127.0.0.1:{port}"
        self.running[port] = Forked(
            ["production.ini", f"address={address}", "--server-name=address"],
            self.folder / f"{port}.log",
            environment={**self.environment, "ADDRESS": address},
        )
        return port

    def wait(self) -> None:
        """Return once all are ready."""
        for port, program in self.running.items():
            program.until(lambda port=port: is_ready(port))

    def stop(self) -> None:
        """End them all, at once."""
        for program in self.running.values():
            program.send_signal(SIGINT)
        for program in self.running.values():
            program.end(SIGTERM)


def is_ready(port: int) -> bool:
    return status_at(port, "/readyz") == 200


@contextmanager
def servers(folder: Path, **settings: str) -> Iterator[Servers]:
    """Give a starter of servers by settings of the environment; end them all."""
    started = Servers(folder, **settings)
    try:
        yield started
    finally:
        started.stop()
