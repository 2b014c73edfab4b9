"""Applications of core and a recipe."""

import pytest

from apiserver.core.audit import AuditEvent
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
        app = make_core_app(feature, **{"sqlalchemy.url": url, **settings})
        # What is written leaves events.
        for table in [AuditEvent.__table__, *made.tables]:
            table.create(app.registry.engine, checkfirst=True)
        return app

    return make
