"""How a task is declared: with short options only where they are named here."""

from collections.abc import Callable
from typing import Any

import invoke.tasks
from invoke.parser.argument import Argument

# Of each option that has one. Invoke's own would be first letters as they come: -i was
# the administrator's flag of one task, and the ini file of another.
SHORT = {"ini": "i", "message": "m"}


class Task(invoke.tasks.Task[Any]):
    """A task whose options have the short names of ``SHORT``, and no others."""

    def arg_opts(
        self, name: str, default: Any, taken_names: set[str]
    ) -> dict[str, Any]:
        options: dict[str, Any] = super().arg_opts(name, default, taken_names)
        if name in SHORT:
            options["names"] = (*options["names"], SHORT[name])
        return options

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        # Invoke takes the texts out of the help: a second look would find none.
        texts = dict(self.help)
        try:
            return super().get_arguments(ignore_unknown_help)
        finally:
            self.help = texts


def task(**options: Any) -> Callable[[Callable[..., None]], Task]:
    """Declare a task, by the options of Invoke's own decorator."""
    declare: Callable[[Callable[..., None]], Task] = invoke.tasks.task(
        klass=Task, auto_shortflags=False, **options
    )
    return declare
