"""Serving the application while it is written."""

import socket
from typing import Any

import plaster
from invoke.context import Context
from invoke.tasks import task

from tasks import console
from tasks.app import db

# The sections of an ini file that are for the address which the options name: [app:…],
# by which clients find the server, and [server:…], which listens there.
ADDRESS = "address"


@task(
    help={
        "ini": console.INI,
        "host": "The address to listen at, by default that of the settings.",
        "port": "The port to listen at, by default that of the settings.",
        "upgrade_db": "Migrate the database first; yes, unless --no-upgrade-db.",
        "reload": "Start again when a file changes; yes, unless --no-reload.",
    }
)
def run(
    context: Context,
    ini: str = console.DEVELOPMENT,
    host: str = "",
    port: str = "",
    upgrade_db: bool = True,
    reload: bool = True,
) -> None:
    """Migrate the database, and serve the application.

    With development.ini the server fills an empty database with the demo data.
    """
    variables, name = {}, "main"
    if host or port:
        variables, name = {"host": host or "127.0.0.1", "port": port or "5000"}, ADDRESS
    with console.one_sentence():
        loader = plaster.get_loader(ini, protocols=["wsgi"])
        check_address(listening(loader, name, variables))
        # At port 0, which the system chooses, clients can't know where the server is.
        is_known = f"app:{name}" in loader.get_sections() and port != "0"
    if upgrade_db:
        db.migrate_to_head(ini)
    console.become(
        "pserve",
        ini,
        *(f"{key}={value}" for key, value in variables.items()),
        *([f"--app-name={name}"] if variables and is_known else []),
        f"--server-name={name}",
        *(["--reload"] if reload else []),
    )


def listening(loader: Any, name: str, variables: dict[str, str]) -> str:
    """Return where the server of an ini file listens: ``127.0.0.1:5000``."""
    section = f"server:{name}"
    if section not in loader.get_sections():
        example = f"as {console.DEVELOPMENT} has"
        console.fail(f"{loader.uri.path} has no section [{section}], {example}.")
    settings = loader.get_settings(section, defaults=variables)
    return str(settings.get("listen", ""))


def check_address(listen: str) -> None:
    """Fail where nothing can listen, or something does already."""
    for address in listen.split():
        host, _, port = address.rpartition(":")
        if not (port.isdecimal() and int(port) < 2**16):
            console.fail(f"{port} is no port.")
        name = None if host == "*" else host.strip("[]")
        try:
            for family, kind, protocol, _, place in socket.getaddrinfo(
                name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            ):
                with socket.socket(family, kind, protocol) as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(place)
        except OSError as error:
            console.fail(f"Nothing can listen at {address}: {error.strerror}.")
