"""Follows a document as its reader would: runs its commands, compares the answers."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.markdown import ROOT, Block
from tests.served import BIN, clean_environment

SERVER = "http://127.0.0.1:5000"

_COMMAND = re.compile(r"^(?=curl |make |DATABASE_URL=|\.venv/bin/)", re.MULTILINE)

# What differs from run to run, and how it looks.
VARYING = {
    "access_token": re.compile(r"apa_[\w-]{51}"),
    "refresh_token": re.compile(r"apr_[\w-]{51}"),
    "created": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00"),
    "updated": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00"),
    "expires": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00"),
    "request_id": re.compile(r"[0-9a-f]{32}"),
    "client_id": re.compile(r"[0-9a-f]{32}"),
    "client_secret": re.compile(r"aps_[\w-]{51}"),
    "iat": re.compile(r"\d{10}"),
    "exp": re.compile(r"\d{10}"),
    # Of a client's own token, the only one that is shown.
    "sub": re.compile(r"[0-9a-f]{32}"),
}


@dataclass(frozen=True)
class Step:
    """A command, and the block of the answer that is shown for it, if one is."""

    command: str
    shown: Block | None

    def __str__(self) -> str:
        return self.command


def steps(blocks: list[Block]) -> Iterator[Step]:
    """Yield each command of the shell blocks with the answer that follows its block."""
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        shown = following if following and following.language in ANSWERS else None
        if block.language == "sh":
            other, *commands = _COMMAND.split(block.text)
            assert not other, f"It is not known how to run {other}"
            for command in commands:
                yield Step(command.strip(), shown)


@dataclass
class Reader:
    """Somebody with a shell, who replaces the placeholders by what was answered.

    ``home`` is a folder for curl's settings; commands are run in ``folder``.
    """

    home: Path
    folder: Path = ROOT
    server: str = SERVER
    placeholders: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.home / ".curlrc").write_text(
            'silent\nshow-error\nnoproxy = "*"\nwrite-out = "%{stderr}%{http_code}"\n'
        )

    def follow(self, step: Step) -> None:
        """Run a command and compare what it prints with what the document shows."""
        printed, status = self.run(step.command)
        if step.shown is not None:
            ANSWERS[step.shown.language](printed, step.shown.text)
        if "make " in step.command:
            # It is content with a target that is no target, but a folder.
            assert not printed.startswith("make: "), printed
        if status:
            assert is_error(status) == is_problem(step.shown), (step.command, printed)

    def run(self, command: str) -> tuple[str, str]:
        """Run a command; return what it has printed, and curl's HTTP status."""
        command = command.replace(SERVER, self.server)
        for name, value in self.placeholders.items():
            command = re.sub(rf"\b{name}\b", value, command)
        # No recursion: the tests themselves may be what make runs.
        command = re.sub(r"\bmake ", "make --dry-run ", command)
        command = command.replace(".venv/bin/", f"{BIN}/")
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=clean_environment(CURL_HOME=str(self.home), **self.environment),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        self.remember(done.stdout)
        return done.stdout, done.stderr if command.startswith("curl ") else ""

    def remember(self, printed: str) -> None:
        """Take the tokens of an answer for the placeholders."""
        if '"access_token"' in printed:
            answer = json.loads(printed)
            self.placeholders["TOKEN"] = answer["access_token"]
            if "refresh_token" in answer:
                self.placeholders["REFRESH"] = answer["refresh_token"]


def is_error(status: str) -> bool:
    return int(status) >= 400


def is_problem(shown: Block | None) -> bool:
    """Whether the shown answer is that of an error."""
    return shown is not None and '"about:blank"' in shown.text


def compare_json(printed: str, shown: str) -> None:
    """Compare whole documents; varying values have to look as they should."""
    assert checked(json.loads(printed)) == masked(json.loads(shown))


def compare_headers(printed: str, shown: str) -> None:
    """Look for each of the shown lines among the printed ones."""
    lines = printed.splitlines()
    assert [line for line in shown.splitlines() if line not in lines] == []


ANSWERS = {"json": compare_json, "http": compare_headers}


def masked(value: Any) -> Any:
    """Replace all varying values."""
    if isinstance(value, dict):
        return {k: k if k in VARYING else masked(v) for k, v in value.items()}
    return [masked(item) for item in value] if isinstance(value, list) else value


def checked(value: Any) -> Any:
    """Replace the varying values that look as they should."""
    if isinstance(value, dict):
        return {
            k: k if k in VARYING and VARYING[k].fullmatch(str(v)) else checked(v)
            for k, v in value.items()
        }
    return [checked(item) for item in value] if isinstance(value, list) else value
