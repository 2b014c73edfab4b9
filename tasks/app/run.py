"""Serving the application while it is written."""

import socket

import plaster
from invoke.context import Context
from invoke.tasks import task

from tasks import console
from tasks.app import db

# The section of an ini file whose server listens where the options say.
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
        check_address(listening(ini, name, variables))
    if upgrade_db:
        db.migrate_to_head(ini)
    console.become(
        "pserve",
        ini,
        *(f"{key}={value}" for key, value in variables.items()),
        f"--server-name={name}",
        *(["--reload"] if reload else []),
    )


def listening(ini: str, name: str, variables: dict[str, str]) -> str:
    """Return where the server of an ini file listens: ``127.0.0.1:5000``."""
    loader = plaster.get_loader(ini, protocols=["wsgi"])
    section = f"server:{name}"
    if section not in loader.get_sections():
        console.fail(f"{ini} has no section [{section}], as {console.DEVELOPMENT} has.")
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
