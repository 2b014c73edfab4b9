"""Features that came with the project and were removed: what was tested by them.

Many tests of the framework take teams for their example. Where there are none any more,
the modules that name them are left out, and the summary says so.
"""

import re
from pathlib import Path
from typing import Any

from tests.settings import OPTIONAL, ROOT, SHIPPED

# Users and auth can't be removed: the framework stands on them.
GONE = {"teams", *OPTIONAL} - {*SHIPPED.split()}
# Their helpers take teams for the example, too.
FOLDERS = {"conformance"}

# Teams are everywhere; of the others the package tells, and the settings.
_NAMES = [
    rf"(apiserver|tests)\.{name}\b|\b{name}_\w|/{name}/"
    if name in OPTIONAL
    else name[:-1]
    for name in GONE
]
_NAMED = re.compile("|".join(_NAMES) or "(?!)", re.IGNORECASE)


def is_left_out(path: Path) -> bool:
    """Whether a module of tests, or a folder, needs a feature that is gone."""
    if path.parent == ROOT / "tests" and path.name in GONE.intersection(OPTIONAL):
        # With what its tests share.
        return True
    if not GONE or not path.match("test_*.py"):
        return False
    is_of_teams = "teams" in GONE and path.parent.name in FOLDERS
    return is_of_teams or bool(_NAMED.search(path.read_text("utf-8")))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was left out."""
    modules = sorted((ROOT / "tests").rglob("test_*.py")) if GONE else []
    left_out = [str(m.relative_to(ROOT)) for m in modules if is_left_out(m)]
    if left_out:
        terminalreporter.write_line(
            f"This project has no {', '.join(GONE)}: {len(left_out)} modules of tests, "
            f"whose example they are, are left out: {', '.join(left_out)}"
        )
