"""The command that deletes what has expired."""

from collections import Counter

from apiserver.commands.running import Command
from apiserver.core.expiry import purge
from apiserver.core.registry import Registry
from apiserver.core.schemas import Object, Whole


class PurgeOptions(Object):
    batch = Whole(
        1,
        1_000_000,
        missing=1000,
        description="How many rows to delete per transaction; the default is 1000.",
    )


def purge_expired(registry: Registry, *, batch: int) -> str:
    engine = registry.engine
    deleted: Counter[str] = Counter()
    for table, rows in purge(engine, registry, batch=batch):
        deleted[table] += rows
    return "\n".join(f"{table}: {rows} deleted" for table, rows in deleted.items())


PURGE = Command(PurgeOptions, purge_expired)
