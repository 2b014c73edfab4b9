"""The operator's two doors, in this process: the command, and the tasks of Invoke."""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from invoke import Collection, Program

import tasks
from apiserver import commands
from tests.settings import ROOT


def run_command(arguments: Any) -> Any:
    """Return the status of the command ``apiserver``."""
    return commands.main(arguments)


def run_task(arguments: Any) -> Any:
    """Return the status of ``invoke``."""
    program = Program(namespace=Collection.from_module(tasks), binary_names=["invoke"])
    try:
        program.run(["invoke", *arguments])
    except SystemExit as end:
        return end.code
    return 0


class Door:
    """Runs one of them on a database; returns status, output and errors.

    What it reads is the ``answer``, as by a pipe; None stands for a closed one.
    """

    def __init__(self, run: Any, url: str, capsys: Any, patch: Any) -> None:
        self.run, self.capsys = run, capsys
        patch.chdir(ROOT)
        patch.setenv("DATABASE_URL", url)

    def __call__(
        self, *arguments: str, answer: str | None = ""
    ) -> tuple[int, str, str]:
        with logging_as_it_was(), pytest.MonkeyPatch.context() as patch:
            stdin = None if answer is None else piped(answer)
            patch.setattr(sys, "stdin", stdin)
            status = self.run(arguments)
        return status, *self.capsys.readouterr()


def piped(answer: str) -> io.TextIOWrapper:
    """Make an input; a lone surrogate stands for a byte that isn't UTF-8."""
    raw = answer.encode("utf-8", "surrogateescape")
    return io.TextIOWrapper(io.BytesIO(raw), "utf-8")


@contextmanager
def logging_as_it_was() -> Iterator[None]:
    """Undo the logging that an ini file configures."""
    loggers = [logging.getLogger(name) for name in ("", "apiserver", "alembic")]
    before = [(logger.level, logger.handlers[:]) for logger in loggers]
    try:
        yield
    finally:
        for logger, (level, handlers) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.handlers[:] = handlers
