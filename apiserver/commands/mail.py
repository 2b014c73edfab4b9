"""The command that tries the settings of mail."""

from importlib import import_module

from apiserver.commands.running import Command, CommandError
from apiserver.core.jobs import JobFailed
from apiserver.core.registry import Registry
from apiserver.core.schemas import Object, Opaque


class TestOptions(Object):
    to = Opaque(1, 254, description="The address that gets the mail.")


def send(registry: Registry, *, to: str) -> str:
    """Send a mail at once, without a job; say what the server has said."""
    if "mail" not in registry.features:
        raise CommandError("No mail is sent: apiserver.features doesn't name mail.")
    if not registry.settings["apiserver.smtp_host"]:
        raise CommandError("No mail is sent: apiserver.smtp_host is not set.")
    try:
        # By name: a project may have taken the feature out.
        import_module("apiserver.mail").send_test(registry, to)
    except JobFailed as failed:
        raise CommandError(failed.reason) from None
    return f"The mail server has taken a mail to {to}."


TEST = Command(TestOptions, send)
