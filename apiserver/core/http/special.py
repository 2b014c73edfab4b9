"""Routes outside of the API with special needs.

::

    config.add_special_route("survey", "/survey", writes=True, same_origin=True)

Tweens look them up by path, since they run before the route is known.
"""

from typing import NamedTuple

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core.typing import Request

MAX_QUERY = 8 * 1024
MAX_BODY = 1024 * 1024


class Special(NamedTuple):
    """The special needs of a path, none by default.

    ``writes``: all methods have a transaction, including GET. ``same_origin``: no page
    of another origin may call it. ``most_query`` and ``most_body`` are limits in bytes.
    """

    writes: bool = False
    same_origin: bool = False
    most_query: int = MAX_QUERY
    most_body: int = MAX_BODY


ORDINARY = Special()


def special_at(request: Request) -> Special:
    """Return the special needs of a request's path."""
    # Not path_info, which is decoded: malformed requests aren't rejected yet. The end
    # of a pattern also matches before a line feed.
    path: str = request.environ["PATH_INFO"]
    paths: dict[str, Special] = request.registry.special_paths
    return paths.get(path.removesuffix("\n"), ORDINARY)


def add_special_route(
    config: Configurator,
    name: str,
    path: str,
    *,
    writes: bool = False,
    same_origin: bool = False,
    most_query: int = MAX_QUERY,
    most_body: int = MAX_BODY,
    **kw: object,
) -> None:
    """Add a route without placeholders, outside of the prefix of the API."""
    registry = config.registry
    first = path.split("/")[1]
    if registry.settings["apiserver.api_prefix"].split("/")[1] == first:
        raise ConfigurationError(
            "The setting apiserver.api_prefix must not begin with "
            f"/{first}, which is reserved."
        )
    special = Special(writes, same_origin, most_query, most_body)
    registry.special_paths[path] = special
    config.add_route(name, path, **kw)


def includeme(config: Configurator) -> None:
    config.registry.special_paths = {}
    config.add_directive("add_special_route", add_special_route)
