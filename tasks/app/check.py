"""Everything that a change must pass, step by step."""

import subprocess
import time

from invoke.context import Context
from invoke.exceptions import Exit
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tasks import console
from tasks.declaring import task

# Those of `make check`; the tests last, since they take longest.
STEPS = {
    "format": ("ruff", "format", "--check", "."),
    "lint": ("ruff", "check", "."),
    "types": ("mypy", "--strict"),
    "imports": ("lint-imports", "--no-logo"),
    "migrations": ("make", "check-migrations"),
    "tests": ("make", "coverage"),
}


@task(
    iterable=["only"],
    help={"only": f"One of {', '.join(STEPS)}; may be repeated."},
)
def check(context: Context, only: list[str]) -> None:
    """Check format, lint, types, imports, migrations and tests."""
    for step in only:
        console.choose("step", step, tuple(STEPS))
    steps = {name: STEPS[name] for name in STEPS if not only or name in only}
    terminal = Console()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    failed = []
    with Progress(*columns, console=terminal, transient=True) as progress:
        for name, command in steps.items():
            running = progress.add_task(name, total=None)
            began = time.monotonic()
            printed = failure(command)
            progress.remove_task(running)
            took = f"{time.monotonic() - began:.1f} s"
            if printed is None:
                terminal.print(f"[green]✓[/] {name} {took}", highlight=False)
            else:
                failed.append(name)
                terminal.print(f"[red]✗[/] {name} {took}", highlight=False)
                terminal.print(printed, markup=False, highlight=False)
    if failed:
        raise Exit(f"Failed: {', '.join(failed)}.", code=1)


def failure(command: tuple[str, ...]) -> str | None:
    """Run a program of the project; return its output if it fails, else None."""
    program = console.PROGRAMS / command[0]
    done = subprocess.run(  # noqa: S603
        [program if program.exists() else command[0], *command[1:]],
        cwd=console.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode else None
