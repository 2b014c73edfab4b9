"""Applications of core and a recipe."""

import pytest

from apiserver.core.audit import AuditEvent
from apiserver.core.files.models import LooseObject
from tests.core.conftest import make_core_app
from tests.recipes.documents import recipe

__all__ = ["make_core_app"]


@pytest.fixture
def serve_recipe(make_core_app, tmp_path):
    """A function that makes the application of a recipe, with tables of its own.

    The policy says who calls; without one nobody signs in.
    """

    def make(name, policy=None, **settings):
        made = recipe(name)

        def feature(config):
            if policy is not None:
                config.set_security_policy(policy)
            config.include(made.package)

        url = f"sqlite:///{tmp_path}/recipe.db"
        own = {"sqlalchemy.url": url, "apiserver.storage": f"{tmp_path}/files"}
        app = make_core_app(feature, **{**own, **settings})
        # What is written leaves events.
        shared = [model.__table__ for model in (AuditEvent, LooseObject)]
        for table in [*shared, *made.tables]:
            table.create(app.registry.engine, checkfirst=True)
        return app

    return make
