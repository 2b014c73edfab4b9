"""What was measured last, in ``baseline.json``: a change that costs more is seen."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).parent / "baseline.json"

# How much more a request may need: far more than runs of the same code differ.
TOLERANCE = 1.1

# Each version of the interpreter has instructions of its own.
PYTHON = "{}.{}".format(*sys.version_info)

# Instructions of one request, by database and workload.
Measured = Mapping[str, Mapping[str, float]]


def save(measured: Measured) -> None:
    """Replace what was measured again; what was left out stays as it is."""
    known = json.loads(FILE.read_text())["instructions"] if FILE.exists() else {}
    for database, counts in measured.items():
        rounded = {name: round(count) for name, count in counts.items()}
        known[database] = known.get(database, {}) | rounded
    document = {"python": PYTHON, "instructions": known}
    FILE.write_text(json.dumps(document, indent=2) + "\n")


def is_worse(measured: Measured) -> bool:
    """Print each count beside its baseline; return whether one is beyond tolerance."""
    if not FILE.exists():
        sys.exit("There is no baseline yet: make one with --save.")
    document = json.loads(FILE.read_text())
    if document["python"] != PYTHON:
        sys.exit(f"The baseline is of Python {document['python']}, not {PYTHON}.")
    ratios = []
    for database, counts in measured.items():
        for name, count in counts.items():
            known = document["instructions"][database][name]
            ratios.append(count / known)
            mark = "WORSE" if ratios[-1] > TOLERANCE else ""
            print(
                f"{database:<10} {name} {known / 1000:8,.0f} {count / 1000:8,.0f} "
                f"{ratios[-1] - 1:+7.1%} {mark}".rstrip()
            )
    return max(ratios) > TOLERANCE
