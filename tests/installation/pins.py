"""The files of requirements/, read."""

import re
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

FILES = sorted(path.name for path in ROOT.glob("requirements/*.txt"))


class Pin(NamedTuple):
    """A package with exactly these extras, which old pips take for a package apart."""

    name: str
    extras: frozenset[str]


def text(file: str) -> str:
    return (ROOT / "requirements" / file).read_text("utf-8")


def requirements(file: str) -> list[Requirement]:
    """Return the pins, with those for other machines and Pythons."""
    lines = re.findall(r"^[a-zA-Z0-9].*?(?= \\$)", text(file), flags=re.MULTILINE)
    return [Requirement(line) for line in lines]


def applies(requirement: Requirement, extras: frozenset[str] = frozenset()) -> bool:
    """Tell whether it is one for this machine, where the extras are asked for."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": e}) for e in ("", *extras))


def pin(requirement: Requirement) -> Pin:
    name = canonicalize_name(requirement.name)
    return Pin(name, frozenset(requirement.extras))
