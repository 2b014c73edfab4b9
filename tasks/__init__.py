"""What developers do besides editing: ``invoke --list``.

Each task is a thin wrapper of a program that exists anyway: pserve, pshell, alembic,
the commands for operators, make's tools.
"""

from invoke.collection import Collection

from tasks import console
from tasks.app import collection

namespace = console.guard(Collection(app=collection()))
