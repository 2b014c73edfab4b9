"""How log records look on a terminal."""

import importlib
import logging
import sys

import pytest

from apiserver.ops import logs

RECORD = logging.LogRecord("a", logging.WARNING, "", 1, "Late: %s", ("tea",), None)


class TestOnTerminal:
    @pytest.mark.parametrize(
        ("colours", "expected"),
        [
            ("FORCE_COLOR", "\x1b[33mWARNING Late: tea\x1b[0m"),
            ("NO_COLOR", "WARNING Late: tea"),
        ],
    )
    def test_colours_by_level(self, monkeypatch, colours, expected):
        monkeypatch.setenv(colours, "1")
        formatter = logs.on_terminal("%(levelname)s %(message)s", None, "%")
        assert formatter.format(RECORD) == expected

    def test_does_without_colours(self, monkeypatch):
        """As where only what the server needs is installed."""
        with monkeypatch.context() as installed:
            installed.setitem(sys.modules, "colorlog", None)
            importlib.reload(logs)
        formatter = logs.on_terminal("%(levelname)s %(message)s")
        importlib.reload(logs)
        assert formatter.format(RECORD) == "WARNING Late: tea"
