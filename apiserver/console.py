"""The program ``pserve``, a wrapper of Pyramid's.

Errors of a file, a setting or the database are one sentence, with exit status 1.
Pyramid's own prints a traceback, and with ``--reload`` then waits.
"""

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from hupper.logger import DefaultLogger
from hupper.reloader import Reloader, WorkerResult, find_default_monitor_factory
from pyramid.exceptions import ConfigurationError
from pyramid.scripts.common import parse_vars
from pyramid.scripts.pserve import PServeCommand

from apiserver.core.settings import ini, startup


class Serve(PServeCommand):
    """Pyramid's pserve, which also supports ``%`` in the names of folders."""

    _get_config_loader = staticmethod(ini.loader)


class Log(DefaultLogger):
    """The reloader's log, without its start."""

    def info(self, msg: str) -> None:
        if not msg.startswith("Starting monitor"):
            super().info(msg)


class FirstMustServe(Reloader):
    """Restarts the server after each change of a file.

    If the server never starts, it doesn't wait for a change, but exits.
    """

    has_reloaded = False

    def _run_worker(self) -> tuple[WorkerResult, int]:
        result, status = super()._run_worker()
        if result == WorkerResult.WAIT and not self.has_reloaded:
            result = WorkerResult.EXIT
        self.has_reloaded = True
        return result, status


def pserve(arguments: Sequence[str] | None = None) -> Any:
    """Serve the application of an ini file."""
    given = ["pserve", *(sys.argv[1:] if arguments is None else arguments)]
    options = Serve.parser.parse_args(given[1:])
    if not options.config_uri:
        return Serve(given).run()
    with startup.one_sentence(options.config_uri):
        check(options)
        if options.reload:
            return watch(given, options)
        return Serve(given).run()


def check(options: Namespace) -> None:
    """Raise ConfigurationError for arguments that Pyramid can't use."""
    try:
        parse_vars(options.config_vars)
    except ValueError as error:
        raise ConfigurationError(f"{error}.") from None
    interval = str(options.reload_interval)
    if not (interval.isdecimal() and int(interval)):
        raise ConfigurationError("--reload-interval must be a positive number.")
    file, _, name = options.config_uri.partition("#")
    server = "" if options.server else options.server_name or "main"
    ini.check(file, app=options.app_name or name or "main", server=server)


def watch(given: list[str], options: Namespace) -> None:
    """Serve in a child process, restarted after each change of a file."""
    command, log = Serve(given), Log(options.verbose)
    variables = parse_vars(options.config_vars)
    command.pserve_file_config(ini.loader(options.config_uri), variables)
    FirstMustServe(
        "apiserver.console.work",
        find_default_monitor_factory(log),
        log,
        reload_interval=int(options.reload_interval),
        worker_kwargs={"given": given, "ignored": command.ignore_files},
        ignore_files=command.ignore_files,
    ).run()


def work(given: list[str], ignored: set[str]) -> None:
    """Serve in the child process."""
    command = Serve(given, original_ignore_files=ignored)
    with startup.one_sentence(command.args.config_uri):
        command.run()
