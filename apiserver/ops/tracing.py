"""Enables traces for OpenTelemetry: ``apiserver.tracing``.

The code is imported only if enabled: the libraries are those of the extra
``apiserver[opentelemetry]``.
"""

from importlib.util import find_spec

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core import settings


def includeme(config: Configurator) -> None:
    config.add_setting("tracing", settings.boolean, "false")
    if not config.registry.settings["apiserver.tracing"]:
        return
    if find_spec("opentelemetry") is None:
        raise ConfigurationError(
            "apiserver.tracing needs the OpenTelemetry libraries: "
            "pip install apiserver[opentelemetry]"
        )
    config.include("apiserver.ops.spans")
