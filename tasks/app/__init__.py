"""The application's tasks, ``app.*``: one module for each subject."""

from invoke.collection import Collection

from tasks.app import (
    boilerplates,
    check,
    db,
    dependencies,
    env,
    rename,
    run,
    swagger,
    users,
)


def collection() -> Collection:
    """Return the tasks, by their names."""
    app = Collection(run.run, check.check, rename.rename)
    for module in (boilerplates, db, dependencies, env, swagger, users):
        app.add_collection(module.collection())
    return app
