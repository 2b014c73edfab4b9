"""A RESTful API server: OAuth2, permissions and documentation from one declaration."""

from pyramid.config import Configurator
from pyramid.router import Router

from apiserver.core import settings
from apiserver.core.settings import databases, startup
from apiserver.core.settings.environment import from_environment


def make_application(global_config: dict[str, str], **ini_settings: str) -> Router:
    """Make the application for PasteDeploy; end the program if that fails."""
    file = global_config.get("__file__", "")
    with startup.one_sentence(file), startup.without_collections():
        databases.check(from_environment(ini_settings))
        return main(global_config, **ini_settings)


def main(global_config: dict[str, str], **ini_settings: str) -> Router:
    """Make the WSGI application from the settings of an ini file.

    ``DATABASE_URL`` and ``APISERVER_<NAME>`` in the environment override them.
    """
    with Configurator(settings=from_environment(ini_settings)) as config:
        # Core, then the features, each at its URL.
        config.include("apiserver.core")
        config.include("apiserver.features.include_features")

        # Health, logs, metrics, limits, and the checks for production.
        config.registry.ini = global_config.get("__file__")
        config.registry.is_command = "command" in global_config
        config.registry.at_start = not {"command", "on_demand"} & set(global_config)
        config.include("apiserver.ops")

        # For development: `pserve development.ini` works on a fresh checkout.
        config.add_setting("prepare_database", settings.boolean, "false")

    # Included by name, so that using only apiserver.core doesn't import them.
    config.maybe_dotted("apiserver.ops.production.refuse_unsafe")(config.registry)
    if config.registry.settings["apiserver.prepare_database"]:
        prepare = config.maybe_dotted("apiserver.prepare.prepare_database")
        prepare(global_config["__file__"], config.registry)

    return config.make_wsgi_app()
