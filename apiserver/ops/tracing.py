"""Whether requests are traced for OpenTelemetry: ``apiserver.tracing``.

What traces them is imported where it is enabled only: the libraries come with
``pip install apiserver[opentelemetry]``, and who has none of it pays nothing.
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
