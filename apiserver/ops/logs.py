"""How log records look on a terminal: coloured by level, where colorlog is there."""

import logging
import sys
from typing import Any, Literal

try:
    import colorlog
except ImportError:  # It comes with the tools of development.
    # A module's name, of which this is no type.
    colorlog = None  # type: ignore[assignment]


def on_terminal(
    fmt: str, datefmt: str | None = None, style: Literal["%", "{", "$"] = "%", **kw: Any
) -> logging.Formatter:
    """Make the formatter of an ini file: ``class = apiserver.ops.logs.on_terminal``.

    What goes to a file or a pipe, or stands under ``NO_COLOR``, has no colours.
    """
    if colorlog is None:
        return logging.Formatter(fmt, datefmt, style, **kw)
    fmt = f"%(log_color)s{fmt}"
    return colorlog.ColoredFormatter(fmt, datefmt, style, stream=sys.stderr, **kw)
