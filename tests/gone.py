"""Features that came with the project and were removed: what was tested by them.

Many tests of the framework take teams for their example. Where there are none any more,
the modules that name them are left out, and the summary says so.
"""

import re
from pathlib import Path
from typing import Any

from tests.settings import ROOT, SHIPPED

# Users and auth can't be removed: the framework stands on them.
GONE = {"teams"} - {*SHIPPED.split()}
LEFT_OUT: set[str] = set()

_NAMED = re.compile("|".join(rf"{name[:-1]}" for name in GONE) or "(?!)", re.IGNORECASE)


def is_left_out(path: Path) -> bool:
    """Whether a module of tests needs a feature that is gone; notes its name."""
    if not GONE or not path.match("test_*.py") or not _NAMED.search(path.read_text()):
        return False
    LEFT_OUT.add(str(path.relative_to(ROOT)))
    return True


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was left out."""
    if LEFT_OUT:
        terminalreporter.write_line(
            f"This project has no {', '.join(GONE)}: left out are {len(LEFT_OUT)} "
            f"modules of tests that need them, {', '.join(sorted(LEFT_OUT))}."
        )
