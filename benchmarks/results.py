"""What was measured, as JSON in ``results/``: documents and plots are made of it."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def about() -> dict[str, Any]:
    """Return when and on what it is measured: other machines have other times."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


def save(name: str, found: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n")
    print(f"Saved: {RESULTS / name}.json")


def known(name: str) -> dict[str, Any]:
    """Return what was saved last, or nothing."""
    file = RESULTS / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found
