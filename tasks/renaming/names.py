"""The name of the project, in each of the forms that its files need."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# The longest name within the limits of lines, functions and files.
LONGEST = 24


class BadName(Exception):
    """The project can't have this name; the sentence says why."""


@dataclass(frozen=True)
class Name:
    """``your_project``: the package, the command, the settings, a database."""

    plain: str

    @property
    def hyphen(self) -> str:
        """``your-project``: the distribution, and what DNS has to take."""
        return self.plain.replace("_", "-")

    @property
    def variable(self) -> str:
        """``YOUR_PROJECT``: the prefix of environment variables."""
        return self.plain.upper()

    @property
    def camel(self) -> str:
        """``YourProject``: a class."""
        return "".join(word.capitalize() for word in self.plain.split("_"))

    @property
    def joined(self) -> str:
        """``yourproject``: a Go package."""
        return self.plain.replace("_", "")


def present(root: Path) -> Name:
    """Return the name that setup.py gives to the project."""
    calls = (
        node
        for node in ast.walk(ast.parse((root / "setup.py").read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setup"
    )
    for call in calls:
        for word in call.keywords:
            if word.arg == "name" and isinstance(word.value, ast.Constant):
                return Name(str(word.value.value).replace("-", "_"))
    raise BadName("setup.py names no project: setup(name=…) is missing.")


def wanted(text: str, old: Name) -> Name:
    """Return the new name. Raises BadName if it isn't valid for a package."""
    name = text.strip().replace("-", "_")
    if not _NAME.fullmatch(name):
        raise BadName(
            f"{text!r} can't be a name: use lowercase letters, digits and single "
            "underscores, and begin with a letter, such as your_project."
        )
    if len(name) > LONGEST:
        raise BadName(f"{name} is too long: use at most {LONGEST} characters.")
    if name == old.plain:
        raise BadName(f"The project is already called {name}.")
    return Name(name)
