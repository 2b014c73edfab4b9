"""nginx by the files of a stack, in which addresses and paths are replaced."""

import os
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from tests.deploy.processes import DEPLOY
from tests.served import Program, free_port, listens
from tests.tools import path_of

NGINX = path_of("nginx")
HOST = "api.example.com"


@dataclass(frozen=True)
class Certificate:
    """A self-made certificate for the host, and its key."""

    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> "Certificate":
        made = cls(folder / "certificate.pem", folder / "key.pem")
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
            f"-days 2 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST} "
            f"-keyout {made.key} -out {made.certificate}"
        )
        subprocess.run(command.split(), check=True, capture_output=True)  # noqa: S603
        return made


def adapt(stack: str, folder: Path, replaced: Mapping[str, str]) -> Path:
    """Copy the files of a stack; every replaced text must be in one of them."""
    left = set(replaced)
    for source in (DEPLOY / stack).glob("*.conf"):
        text = source.read_text("utf-8")
        left -= {old for old in replaced if old in text}
        for old, new in replaced.items():
            text = text.replace(old, new)
        (folder / source.name).write_text(text)
    assert left == set()
    return folder / "nginx.conf"


@dataclass(frozen=True)
class Proxy:
    """A running nginx; calls are checked against its certificate."""

    http_port: int
    https_port: int
    certificate: Certificate
    folder: Path

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate.certificate)

    def client(self, address: str = "127.0.0.1", **kw: Any) -> httpx.Client:
        """Make a client that calls from an address of this machine."""
        transport = httpx.HTTPTransport(verify=self.tls(), local_address=address)
        return httpx.Client(
            transport=Named(transport),
            base_url=f"https://{HOST}:{self.https_port}",
            timeout=30,
            **kw,
        )

    def take_out(self, upstream: str) -> None:
        """Let nginx send nothing more to a server, as its operator would."""
        configuration = self.folder / "nginx.conf"
        text = configuration.read_text("utf-8")
        changed = text.replace(f"server {upstream} ", f"server {upstream} down ")
        assert changed != text
        configuration.write_text(changed)
        before = workers(self.folder)
        subprocess.run(command(configuration, "-s", "reload"), check=True)  # noqa: S603
        while workers(self.folder) & before:
            time.sleep(0.1)


def workers(folder: Path) -> set[str]:
    """Return the ids of nginx's workers."""
    master = (folder / "nginx.pid").read_text("utf-8").strip()
    children = Path(f"/proc/{master}/task/{master}/children")
    return set(children.read_text("utf-8").split())


class Named(httpx.BaseTransport):
    """Connects to this machine, whatever the name in the URL."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self.transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions = {
            **request.extensions,
            "sni_hostname": request.url.host,
        }
        request.headers.setdefault("Host", request.url.host)
        request.url = request.url.copy_with(host="127.0.0.1")
        return self.transport.handle_request(request)

    def close(self) -> None:
        self.transport.close()


def addresses(proxy: Proxy, upstreams: Mapping[str, int]) -> dict[str, str]:
    """Return what has to be replaced in the files for this machine."""
    local = {name: f"127.0.0.1:{port}" for name, port in upstreams.items()}
    temporary = "".join(
        f"{kind}_temp_path {proxy.folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return {
        **local,
        "listen 80": f"listen 127.0.0.1:{proxy.http_port}",
        "listen 443": f"listen 127.0.0.1:{proxy.https_port}",
        "/run/secrets/tls_certificate": str(proxy.certificate.certificate),
        "/run/secrets/tls_key": str(proxy.certificate.key),
        "/dev/stdout": f"{proxy.folder}/access.log",
        "/dev/stderr": f"{proxy.folder}/error.log",
        "http {\n": f"http {{\n{temporary}\n",
    }


def command(configuration: Path, *options: str) -> list[str | Path]:
    """Return the command for nginx to take the configuration."""
    assert NGINX is not None
    folder = configuration.parent
    # As root it would serve as nobody, who may not write into the folder of a test.
    user = "user root;" if os.geteuid() == 0 else ""
    own = f"daemon off; pid {folder}/nginx.pid; {user}"
    return [NGINX, "-p", folder, "-c", configuration, "-g", own, *options]


def check(configuration: Path) -> str:
    """Return what ``nginx -t`` says."""
    done = subprocess.run(  # noqa: S603
        command(configuration, "-t"), capture_output=True, text=True, check=False
    )
    return done.stderr


@contextmanager
def nginx(
    stack: str,
    folder: Path,
    upstreams: Mapping[str, int],
    certificate: Certificate,
    include: str = "root.conf",
    changes: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Proxy]:
    """Run nginx by the files of a stack, in front of servers at the ports.

    The changes are texts of the files, and what is to stand in their place.
    """
    proxy = Proxy(free_port(), free_port(), certificate, folder)
    replaced = {
        **changes,
        **addresses(proxy, upstreams),
        "include root.conf": f"include {include}",
    }
    configuration = adapt(stack, folder, replaced)
    with Program(command(configuration), folder / "nginx.log") as program:
        program.until(lambda: listens(proxy.https_port))
        yield proxy
