"""The command ``apiserver``: what an operator does besides serving.

A command is imported once it is chosen, so that ``--help`` comes at once.
"""

import argparse
import gc
import pkgutil
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Any, NamedTuple, NoReturn

DESCRIPTION = "Administration commands for operators."

EXAMPLES = """\
examples:
  apiserver init-development-data -i development.ini
  apiserver create-user -i production.ini --username ada --email ada@example.com --admin
  apiserver set-password -i production.ini --username ada
  apiserver create-client -i production.ini --owner ada --grant-type client_credentials
  apiserver delete-user -i production.ini --username ada
  apiserver rotate-secret -i production.ini --client CLIENT_ID
  apiserver revoke -i production.ini --user ada
  apiserver revoke -i production.ini --client CLIENT_ID --disable
  apiserver remove-factors -i production.ini --username ada
  apiserver worker -i production.ini
  apiserver list-jobs -i production.ini --state dead
  apiserver send-test-mail -i production.ini --to ada@example.com
  apiserver purge-expired -i production.ini
  apiserver reset -i development.ini

apiserver COMMAND --help describes the options of a command.
"""


class About(NamedTuple):
    """What is known of a command before it is imported."""

    place: str
    help: str


COMMANDS = {
    "init-development-data": About(
        "demo_data:DEMO_DATA",
        "Migrate the database and load the demo data. There must be no users yet.",
    ),
    "create-user": About("create:USER", "Create a user. Asks for the password."),
    "create-client": About(
        "create:CLIENT", "Create an OAuth2 client. Its secret is shown only once."
    ),
    "set-password": About(
        "access:PASSWORD",
        "Set a user's password. Asks for it, and revokes all tokens.",
    ),
    "delete-user": About(
        "deletion:DELETE",
        "Delete a user and all of their data, at once. This can't be undone.",
    ),
    "rotate-secret": About(
        "access:SECRET",
        "Issue a new client secret, shown only once. The old one works a while longer.",
    ),
    "revoke": About(
        "access:REVOKE",
        "Revoke the access of a user, of a client, or of a client for a user.",
    ),
    "remove-factors": About(
        "factors:REMOVE",
        "Remove a user's second factors, after a lost phone. Revokes all tokens.",
    ),
    "reseal-factors": About(
        "factors:RESEAL",
        "Re-encrypt the secrets of second factors with the first key in the settings.",
    ),
    "worker": About(
        "worker:WORKER",
        "Run jobs: those that requests enqueue, and scheduled ones.",
    ),
    "list-jobs": About("jobs:LIST", "List the jobs that aren't done."),
    "retry-jobs": About("jobs:RETRY", "Run dead jobs again."),
    "delete-jobs": About("jobs:DELETE", "Delete dead or queued jobs."),
    "send-test-mail": About(
        "mail:TEST", "Send a mail, to test the settings of the mail server."
    ),
    "purge-expired": About(
        "purge:PURGE",
        "Delete expired rows, in batches. The server may keep running.",
    ),
    "reset": About(
        "reset:RESET",
        "Delete the development database. The server recreates it when it starts.",
    ),
}

NO_COMMAND = "Give a command first, for example apiserver create-user -i production.ini"
NO_INI = "Give the ini file, for example apiserver {} -i production.ini"
TWO_INIS = "Give only one ini file"
NEVER_AN_OPTION = (
    "A password is never an option, which others could see: type it when asked, or "
    "pipe it in"
)


class Parser(argparse.ArgumentParser):
    """Says in a sentence what is wrong; repeats no value, which may be a secret."""

    def __init__(self, **kw: Any) -> None:
        raw = argparse.RawDescriptionHelpFormatter
        super().__init__(allow_abbrev=False, formatter_class=raw, **kw)

    def error(self, message: str) -> NoReturn:
        sentence = message.removeprefix("argument ")
        self.exit(1, f"{sentence[0].upper()}{sentence[1:]}. See {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    # Imports make many objects and no garbage: to look for it is a tenth of the start.
    gc.set_threshold(100_000)
    try:
        return run(list(sys.argv[1:] if arguments is None else arguments))
    except SystemExit as end:
        # Of argparse, which has said why.
        return int(end.code or 0)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130


def run(arguments: list[str]) -> int:
    name = arguments[0] if arguments else ""
    if not all(map(is_text, arguments)):
        Parser(prog="apiserver").error("An argument is not valid UTF-8")
    if name not in COMMANDS:
        explain(arguments)
    about = COMMANDS[name]
    command = pkgutil.resolve_name(f"{__name__}.{about.place}")
    parser = Parser(prog=f"apiserver {name}", description=about.help)
    command.add_options(parser)
    add_ini(parser)
    options, unknown = parser.parse_known_args(arguments[1:])
    refuse(parser, unknown)
    inis = [each for each in (*options.ini, options.ini_file) if each is not None]
    if len(inis) != 1:
        parser.error(TWO_INIS if inis else NO_INI.format(name))
    status: int = command.perform(inis[0], options)
    return status


def add_ini(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-i",
        "--ini",
        action="append",
        default=[],
        metavar="FILE",
        help="The ini file with the settings, such as production.ini.",
    )
    # As it was given before there was -i.
    parser.add_argument("ini_file", nargs="?", help=argparse.SUPPRESS)


def is_text(argument: str) -> bool:
    """Whether the argument is UTF-8; Python has surrogates for what isn't."""
    return not any("\ud800" <= each <= "\udfff" for each in argument)


def explain(arguments: list[str]) -> NoReturn:
    """Show the help or the version, or fail since there is no command."""
    parser = Parser(prog="apiserver", description=DESCRIPTION, epilog=EXAMPLES)
    version = f"apiserver {metadata.version('apiserver')}\n"
    parser.add_argument(
        "--version", action="version", version=version, help="Show the version."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, about in COMMANDS.items():
        commands.add_parser(name, help=about.help)
    first = arguments[0] if arguments else ""
    if first in {"-h", "--help", "--version"}:
        parser.parse_args([first])
    if not first or first.startswith("-"):
        parser.error(NO_COMMAND)
    parser.error(f"Unknown command {first}: choose from {', '.join(COMMANDS)}")


def refuse(parser: Parser, unknown: list[str]) -> None:
    """Fail where there are arguments that nothing has taken."""
    options = [each.partition("=")[0] for each in unknown if each.startswith("-")]
    if "--password" in options:
        parser.error(NEVER_AN_OPTION)
    if options:
        parser.error(f"Unknown option {options[0]}")
    if unknown:
        parser.error("Too many arguments")
