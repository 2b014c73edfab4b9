"""Serve the application during development."""

from invoke.context import Context

from apiserver.core.settings import ini as file
from apiserver.ops.listening import DEFAULT, check_addresses
from tasks import console
from tasks.app import db
from tasks.declaring import task

# The sections of an ini file that the address options affect: [app:…], which tells
# clients the address, and [server:…], which listens there.
ADDRESS = "address"


@task(
    help={
        "ini": console.INI,
        "host": "The address to listen on; by default that of the settings.",
        "port": "The port to listen on; by default that of the settings.",
        "upgrade_db": "Migrate the database first; yes, unless --no-upgrade-db.",
        "reload": "Restart when a file changes; yes, unless --no-reload.",
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
    arguments = serving(ini, host, port)
    if upgrade_db:
        db.migrate_to_head(ini)
    console.become("pserve", ini, *arguments, *(["--reload"] if reload else []))


def serving(ini: str, host: str, port: str) -> list[str]:
    """Return pserve's arguments for the address; refuse one that is in use."""
    variables, name = {}, "main"
    if host or port:
        variables, name = {"host": host or "127.0.0.1", "port": port or "5000"}, ADDRESS
    file.check(ini, server=name)
    loader = file.loader(ini)
    settings = loader.get_settings(f"server:{name}", defaults=variables)
    check_addresses(settings.get("listen", DEFAULT))
    arguments = [f"{key}={value}" for key, value in variables.items()]
    # With port 0 the system chooses the port, so clients can't know it.
    if variables and f"app:{name}" in loader.get_sections() and port != "0":
        arguments.append(f"--app-name={name}")
    return [*arguments, f"--server-name={name}"]
