"""Formats log records on a terminal: coloured by level, if colorlog is installed."""

import logging
import sys
from typing import Any, Literal

try:
    import colorlog
except ImportError:  # Installed with the development tools.
    # A module's name, of which this is no type.
    colorlog = None  # type: ignore[assignment]


def on_terminal(
    fmt: str, datefmt: str | None = None, style: Literal["%", "{", "$"] = "%", **kw: Any
) -> logging.Formatter:
    """Make the formatter of an ini file: ``class = apiserver.ops.logs.on_terminal``.

    Without colours in files and pipes, and with ``NO_COLOR``.
    """
    if colorlog is None:
        return logging.Formatter(fmt, datefmt, style, **kw)
    fmt = f"%(log_color)s{fmt}"
    return colorlog.ColoredFormatter(fmt, datefmt, style, stream=sys.stderr, **kw)
