"""Generated code to start from: a whole feature."""

from invoke.collection import Collection
from invoke.context import Context

from tasks import console
from tasks.declaring import task


@task(
    help={
        "module_name": "The plural, in lowercase letters and underscores: blog_posts.",
        "module_name_singular": "The singular, if it can't be derived: person.",
        "below": "The feature to whose objects these belong, such as teams.",
        "fields": 'The fields: "number:text due_on:date? status:choice(open,paid)".',
        "ini": console.INI,
    }
)
def crud_module(
    context: Context,
    module_name: str,
    module_name_singular: str = "",
    below: str = "",
    fields: str = "",
    ini: str = console.DEVELOPMENT,
) -> None:
    """Generate a feature: model, permissions, endpoints, migration, tests."""
    generating = console.load("tasks.feature.generating")
    asked = generating.Asked(module_name, module_name_singular, below, fields)
    generating.generate(ini, asked)


def collection() -> Collection:
    """Return the tasks, by their names."""
    return Collection("boilerplates", crud_module)
