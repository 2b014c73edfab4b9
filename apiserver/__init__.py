"""A RESTful API server: OAuth2, permissions and documentation from one declaration."""

from pyramid.config import Configurator
from pyramid.router import Router

from apiserver.core import API_PREFIX, settings
from apiserver.prepare import prepare_database


def main(global_config: dict[str, str], **ini_settings: str) -> Router:
    """Make the WSGI application of the settings of an ini file.

    ``DATABASE_URL`` and ``APISERVER_<NAME>`` in the environment override them.
    """
    with Configurator(settings=settings.from_environment(ini_settings)) as config:
        # What every API server needs, then this one's features, each at its URL.
        config.include("apiserver.core")
        config.add_setting("features", settings.words, "users teams auth")
        for feature in config.registry.settings["apiserver.features"]:
            config.include(f"apiserver.{feature}", route_prefix=API_PREFIX)

        # For development: `pserve development.ini` alone works on a fresh checkout.
        config.add_setting("prepare_database", settings.boolean, "false")

    if config.registry.settings["apiserver.prepare_database"]:
        prepare_database(global_config["__file__"], config.registry)

    return config.make_wsgi_app()
