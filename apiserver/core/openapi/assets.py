"""The static files of pages: those of Swagger UI, and the server's own.

Pages name each file with its version, so that browsers cache it for good:
``{{ request.asset_path("documentation/pages.css") }}``.
"""

from functools import lru_cache
from pathlib import Path

from pyramid.config import Configurator
from pyramid.path import AssetResolver
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.core.endpoints.request import Request
from apiserver.core.endpoints.services import outside_prefix
from apiserver.core.http.errors import NotFound
from apiserver.core.http.methods import READING
from apiserver.core.http.response import Response
from apiserver.core.openapi.variants import Variants
from apiserver.core.registry import Registry

FOLDERS = {"swagger-ui": "swagger_ui:static", "documentation": "apiserver.core:static"}

# The files of Swagger UI that the page needs.
SWAGGER_UI = {"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"}

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}

# The Cache-Control of a file with its version in the URL (RFC 8246).
FOR_GOOD = "public, max-age=31536000, immutable"
MOST_FILES = 100


@lru_cache(MOST_FILES)
def read(path: Path, changed: int) -> Variants:
    """Read a file, ``changed`` at this time."""
    return Variants(path.read_bytes(), TYPES[path.suffix])


def find(registry: Registry, name: str) -> Variants:
    if name not in registry.assets:
        raise NotFound
    path = registry.assets[name]
    return read(path, path.stat().st_mtime_ns)


def send(request: Request) -> Response:
    """Send a file; with another version in the URL, browsers must revalidate it."""
    found = find(request.registry, request.path_info.removeprefix("/"))
    is_current = request.GET.get("v") == found.version
    return found.respond(request, FOR_GOOD if is_current else "no-cache")


def asset_path(request: Request, name: str) -> str:
    """Return the path of a file, ``documentation/pages.css``, with its version."""
    folder, _, file = name.partition("/")
    version = find(request.registry, name).version
    query = {"v": version}
    path: str = request.route_path(f"{folder}-files", subpath=file, _query=query)
    return path


def files(folder: str, place: str) -> dict[str, Path]:
    """Return the files of a folder, by their names in pages."""
    return {
        f"{folder}/{path.name}": path
        for path in Path(AssetResolver().resolve(place).abspath()).iterdir()
        if path.suffix in TYPES and (folder != "swagger-ui" or path.name in SWAGGER_UI)
    }


def add_asset_folder(config: Configurator, folder: str, place: str) -> None:
    """Serve the files of a package's folder below ``/<folder>/``.

    ``place`` is an asset specification, such as ``apiserver.core:static``.
    """
    config.registry.assets |= files(folder, place)
    name = f"{folder}-files"
    with outside_prefix(config):
        config.add_route(name, f"/{folder}/*subpath", factory=READING)
        config.add_view(send, route_name=name, permission=NO_PERMISSION_REQUIRED)


def includeme(config: Configurator) -> None:
    config.registry.assets = {}
    config.add_request_method(asset_path)
    config.add_directive("add_asset_folder", add_asset_folder)
    for folder, place in FOLDERS.items():
        config.add_asset_folder(folder, place)
