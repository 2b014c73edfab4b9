"""Applications of core and a tiny feature, for what the real features don't show."""

import pytest
from pyramid.config import Configurator

from apiserver.core import API_PREFIX


@pytest.fixture(scope="session")
def make_core_app():
    """A function that makes an application of core and the given features alone.

    A feature is a function that is included; settings are given by their whole names.
    """
    engines = []

    def make(*features, **settings):
        settings = {"sqlalchemy.url": "sqlite://", **settings}
        with Configurator(settings=settings) as config:
            config.include("apiserver.core")
            for feature in features:
                config.include(feature, route_prefix=API_PREFIX)
        registry = config.registry
        sessions = (registry.write_sessions, registry.read_sessions)
        engines.extend(factory.kw["bind"] for factory in sessions)
        return config.make_wsgi_app()

    yield make
    for engine in engines:
        engine.dispose()
