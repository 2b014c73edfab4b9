"""Servers as an operator starts them (``deploy/serve``), under load from wrk."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from workloads import Workload

ROOT = Path(__file__).parent.parent
SERVE = ROOT / "deploy/serve"
PRODUCTION = {
    "APISERVER_ISSUER": "https://api.example.com",
    "APISERVER_SMTP_HOST": "smtp.example.com",
    "APISERVER_MAIL_FROM": "no-reply@example.com",
    "APISERVER_FACTORS_KEY": "a" * 43 + "=",
}

_LATENCY = re.compile(r"(50|99)%\s+([\d.]+)(us|ms|s)")
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_TOTAL = re.compile(r"(\d+) requests in")
_FAILED = re.compile(r"(Non-2xx.*|Socket errors.*)")
MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000}


class Server:
    """A server that runs: its process, its address, how long it took to start."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process = psutil.Process(process.pid)
        self.url = url
        self.seconds_to_start = 0.0

    def processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def cpu(self) -> float:
        """Return the seconds of processor time of all its processes."""
        return sum(sum(each.cpu_times()[:2]) for each in self.processes())


@contextmanager
def serving(server: str, url: str, **environment: str) -> Iterator[Server]:
    """Serve a database by ``deploy/serve``, until the block ends."""
    address = f"127.0.0.1:{free_port()}"
    settings = {"SERVER": server, "ADDRESS": address, "DATABASE_URL": url}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {**os.environ, **PRODUCTION, **settings, "PATH": path, **environment}
    start = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 (the project's own script)
        [SERVE], env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        running = Server(process, f"http://{address}")
        wait_until_ready(running, process)
        running.seconds_to_start = time.perf_counter() - start
        yield running
    finally:
        end(process, signal.SIGINT if server == "waitress" else signal.SIGTERM)


def end(process: "subprocess.Popen[bytes]", number: int) -> None:
    """End a server by a signal, and by force what is still there then.

    waitress would drain after SIGTERM.
    """
    if process.poll() is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in psutil.wait_procs(children, timeout=1)[1]:
        child.kill()


def free_port() -> int:
    while True:
        port = random.randrange(15_000, 32_000)  # noqa: S311 (it is no secret)
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)):
                return port


def wait_until_ready(server: Server, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            with urlopen(f"{server.url}/healthz", timeout=5):  # noqa: S310
                return
        except (URLError, OSError):
            time.sleep(0.02)
    sys.exit(f"The server at {server.url} did not start.")


def load(
    server: Server, workload: Workload, *, seconds: float, connections: int
) -> dict[str, float]:
    """Let wrk send requests; return rate, latencies and processor times.

    ``cpu`` is the server's milliseconds a request, ``database_cpu`` PostgreSQL's;
    ``p50`` and ``p99`` are milliseconds, too.
    """
    cpu, database = server.cpu(), database_cpu()
    answer = wrk(server, workload, seconds, connections)
    total = int(_TOTAL.findall(answer)[0])
    p50, p99 = (
        float(n) * MILLISECONDS[unit] for _, n, unit in _LATENCY.findall(answer)
    )
    if failed := _FAILED.findall(answer):
        print(f"  {failed}")
    return {
        "rate": float(_RATE.findall(answer)[0]),
        "p50": p50,
        "p99": p99,
        "cpu": 1000 * (server.cpu() - cpu) / total,
        "database_cpu": 1000 * (database_cpu() - database) / total,
        "failed": len(failed),
    }


def wrk(server: Server, workload: Workload, seconds: float, connections: int) -> str:
    command = ["wrk", "--latency", "--threads", "1", "--connections", str(connections)]
    command += ["--duration", f"{seconds:.0f}s"]
    command += ["--header", f"Authorization: {workload.authorization}"]
    query = f"?{workload.query}" if workload.query else ""
    done = subprocess.run(  # noqa: S603
        [*command, f"{server.url}{workload.path}{query}"],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def database_cpu() -> float:
    """Return the seconds of processor time of PostgreSQL, if it is on this machine."""
    total = 0.0
    for each in psutil.process_iter(["name"]):
        if each.info["name"] != "postgres":
            continue
        try:
            times = each.cpu_times()
        except psutil.Error:
            continue
        # What the backends took that have ended is with their parent.
        total += times.user + times.system + times.children_user + times.children_system
    return total
