"""The program ``alembic``, a wrapper of Alembic's.

Installed instead of the original, as ``pserve`` is (``apiserver/console.py``).
"""

from argparse import Namespace
from collections.abc import Sequence

from alembic.config import CommandLine, Config

from apiserver import histories, prepare
from apiserver.core.settings import ini, startup

# Alembic's commands that need no settings.
WITHOUT_INI = {"init", "list_templates"}


class Line(CommandLine):
    """Alembic's command line, with errors in one sentence."""

    def run_cmd(self, config: Config, options: Namespace) -> None:
        if options.raiseerr or options.cmd[0].__name__ in WITHOUT_INI:
            super().run_cmd(config, options)
            return
        file = config.config_file_name or ""
        with startup.one_sentence(file):
            ini.check(file)
            prepare.escape_place(config)
            histories.add_histories(config)
            if getattr(options, "revision", None) == "head":
                # Features may have histories of their own.
                options.revision = "heads"
            histories.refuse_ambiguous(config, getattr(options, "revision", None))
            if options.cmd[0].__name__ == "revision":
                histories.direct_options(config, options)
            options.raiseerr = True
            super().run_cmd(config, options)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command of Alembic on the database of an ini file."""
    Line(prog="alembic").main(arguments)
