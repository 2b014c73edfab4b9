"""Somebody with a shell, who types a document's commands one after the other."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_END = "-- end of the command:"


class Terminal:
    """One shell for all commands: variables and functions stay."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def run(self, commands: str) -> str:
        """Run the commands; return what they print. The last one must succeed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{commands}\nprintf '\\n%s %s\\n' '{_END}' $?\n")
        self.process.stdin.flush()
        printed = ""
        for line in self.process.stdout:
            if line.startswith(_END):
                assert line == f"{_END} 0\n", (commands, printed)
                return printed.removesuffix("\n")
            printed += line
        raise AssertionError(f"The shell has ended at:\n{commands}\n{printed}")


@contextmanager
def terminal(folder: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Open a shell in the folder."""
    with subprocess.Popen(
        ["/bin/sh"],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield Terminal(process)
        assert process.stdin is not None
        process.stdin.close()
