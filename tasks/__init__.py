"""What a developer does besides editing: ``invoke --list``.

Each task is a thin face of a program that is there anyway: pserve, pshell, alembic,
the commands for operators, make's tools.
"""

from invoke.collection import Collection

from tasks import console
from tasks.app import collection

namespace = console.guard(Collection(app=collection()))
