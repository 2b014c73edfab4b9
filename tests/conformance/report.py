"""Writes requirements.md: which test proves which requirement of which standard.

::

    python -m tests.conformance.report [path]
"""

import contextlib
import io
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent
DOCUMENT = HERE / "requirements.md"
# Where tests say what they prove.
FOLDERS = ("auth", "bad_input", "conformance", "contract", "core", "teams", "users")

INTRODUCTION = """\
# Requirements of the standards, and the tests that prove them

Written by `python -m tests.conformance.report`. The levels are those of the standards:
MUST, SHOULD, MAY and their kin, or the level of ASVS.
"""

TITLES = {
    "3339": "Date and Time on the Internet",
    "3986": "Uniform Resource Identifier: Generic Syntax",
    "5789": "PATCH Method for HTTP",
    "6265": "HTTP State Management Mechanism",
    "6585": "Additional HTTP Status Codes",
    "6749": "The OAuth 2.0 Authorization Framework",
    "6750": "The OAuth 2.0 Authorization Framework: Bearer Token Usage",
    "6819": "OAuth 2.0 Threat Model and Security Considerations",
    "6901": "JavaScript Object Notation (JSON) Pointer",
    "6902": "JavaScript Object Notation (JSON) Patch",
    "7009": "OAuth 2.0 Token Revocation",
    "7591": "OAuth 2.0 Dynamic Client Registration Protocol (its metadata)",
    "7636": "Proof Key for Code Exchange by OAuth Public Clients",
    "7662": "OAuth 2.0 Token Introspection",
    "8252": "OAuth 2.0 for Native Apps",
    "8259": "The JavaScript Object Notation (JSON) Data Interchange Format",
    "8288": "Web Linking",
    "8414": "OAuth 2.0 Authorization Server Metadata",
    "8628": "OAuth 2.0 Device Authorization Grant (that there is none)",
    "9110": "HTTP Semantics",
    "9207": "OAuth 2.0 Authorization Server Issuer Identification",
    "9457": "Problem Details for HTTP APIs",
    "9470": "OAuth 2.0 Step Up Authentication Challenge Protocol",
    "9700": "Best Current Practice for OAuth 2.0 Security",
    "9728": "OAuth 2.0 Protected Resource Metadata",
    "ASVS": "OWASP Application Security Verification Standard 5.0",
    "OIDC": "OpenID Connect Core 1.0 (prompt and max_age)",
}


class Requirement(NamedTuple):
    """What a standard requires, and the test, or the class of tests, that proves it."""

    standard: str
    section: str
    level: str
    sentence: str
    test: str


class Collector:
    """A plugin of pytest that takes the marks of what is collected."""

    def __init__(self) -> None:
        self.found: set[Requirement] = set()
        self.modules: set[Path] = set()

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        self.modules.add(item.path)
        for node, mark in item.iter_markers_with_node("rfc"):
            name = node.nodeid.partition("[")[0].removeprefix("tests/")
            self.found.add(Requirement(*mark.args, f"`{name}`{doubt(item)}"))

    def listed(self) -> list[Requirement]:
        return sorted(self.found, key=in_order)

    def has_all(self, arguments: Iterable[str]) -> bool:
        """Whether the arguments of pytest have let it collect all of the folders."""
        modules = {m for name in FOLDERS for m in TESTS.glob(f"{name}/**/test_*.py")}
        return modules <= self.modules and "::" not in "".join(arguments)


def doubt(item: pytest.Item) -> str:
    """Return why the test is expected to fail, if it is."""
    for mark in item.iter_markers("xfail"):
        if all(mark.args):
            return f" Not yet: {mark.kwargs['reason']}"
    return ""


def collect() -> list[Requirement]:
    """Return the requirements that tests name, sorted."""
    collector = Collector()
    folders = [str(TESTS / name) for name in FOLDERS]
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main(
            ["--collect-only", "-qq", "-p", "no:cacheprovider", *folders],
            plugins=[collector],
        )
    if status != pytest.ExitCode.OK:
        raise RuntimeError(output.getvalue())
    return collector.listed()


def in_order(requirement: Requirement) -> list[tuple[int, str]]:
    """Return a key that sorts 10 after 9."""
    return [
        (int(part), "") if part.isdigit() else (10**6, part)
        for text in requirement
        for part in (*re.split(r"(\d+)", text), " ")
        if part
    ]


def render(requirements: Iterable[Requirement]) -> str:
    """Return the document."""
    rows = list(requirements)
    counts = Counter(row.standard for row in rows)
    lines = [INTRODUCTION, *head("standard", "title", "requirements")]
    lines += [f"| {name} | {TITLES[name]} | {n} |" for name, n in counts.items()]
    lines += ["", *head("standard", "section", "level", "requirement", "test")]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def head(*names: str) -> list[str]:
    return [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENT
    path.write_text(render(collect()), "utf-8")
