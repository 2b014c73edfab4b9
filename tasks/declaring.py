"""How tasks are declared: they take only options, some with short names."""

from collections.abc import Callable
from typing import Any

import invoke.tasks
from invoke.parser.argument import Argument

from tasks import console

# The short names of options. Invoke would assign first letters as they come: -i was the
# administrator flag of one task, and the ini file of another.
SHORT = {"ini": "i", "message": "m"}


class Task(invoke.tasks.Task[Any]):
    """A task whose options have only the short names in ``SHORT``."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Run the task; fail if a required option is missing."""
        missing = [name for name, value in options.items() if value is None]
        if missing:
            flags = " and ".join(f"--{name.replace('_', '-')}" for name in missing)
            console.fail(f"{flags} must be given; see --help.")
        return super().__call__(*arguments, **options)

    def arg_opts(
        self, name: str, default: Any, taken_names: set[str]
    ) -> dict[str, Any]:
        options: dict[str, Any] = super().arg_opts(name, default, taken_names)
        if name in SHORT:
            options["names"] = (*options["names"], SHORT[name])
        return options

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        # Invoke removes the texts from the help: a second read would find none.
        texts = dict(self.help)
        try:
            return super().get_arguments(ignore_unknown_help)
        finally:
            self.help = texts


def task(**options: Any) -> Callable[[Callable[..., None]], Task]:
    """Declare a task; takes the options of Invoke's own decorator.

    No option is positional: Invoke would take the next word for a missing one, even
    ``--help``.
    """
    declare: Callable[[Callable[..., None]], Task] = invoke.tasks.task(
        klass=Task, auto_shortflags=False, positional=(), **options
    )
    return declare
