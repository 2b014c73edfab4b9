"""Files that are stored with the rows that own them: in a folder, or in a bucket.

::

    class Report(Stored, Base): …

    @reports.post(permission=…, takes=upload("application/pdf", most=20 * MEBIBYTE), …)
    def upload_report(request):
        return request.db.insert(Report, **request.validated["file"])
"""

from importlib import import_module
from pathlib import Path

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core.endpoints.services import services_of
from apiserver.core.files.folder import Folder
from apiserver.core.files.sending import send_stored
from apiserver.core.files.storage import (
    EXAMPLE,
    Place,
    Storage,
    StorageUnavailable,
    place,
)
from apiserver.core.files.stored import Stored
from apiserver.core.files.uploads import (
    FileDetail,
    FileName,
    UploadQuery,
    UploadRequest,
    upload,
)
from apiserver.core.registry import Registry

__all__ = [
    "FileDetail",
    "FileName",
    "StorageUnavailable",
    "Stored",
    "UploadQuery",
    "send_stored",
    "upload",
]


def takes_files(registry: Registry) -> bool:
    """Whether there is an endpoint that stores files."""
    return any(
        isinstance(arguments.get("schema"), UploadRequest)
        for service in services_of(registry)
        for _, _, arguments in service.definitions
    )


def open_storage(config: Configurator, found: Place | None) -> None:
    """Open the storage, if there is one; only then is its code imported."""
    registry = config.registry
    is_used = takes_files(registry)
    if found is not None:
        registry.storage = storage_at(found)
    elif is_used:
        raise ConfigurationError(
            f"The setting apiserver.storage is missing: name a place, {EXAMPLE}."
        )
    if is_used:
        # Never replace a missing mount by a folder on another disk.
        is_production = registry.settings.get("apiserver.production", False)
        registry.storage.prepare(may_make=not is_production)


def storage_at(found: Place) -> Storage:
    """Make the storage of the setting."""
    if found.folder:
        return Folder(Path(found.folder))
    try:
        module = import_module("apiserver.core.files.bucket")
    except ModuleNotFoundError:
        raise ConfigurationError(
            "apiserver.storage in a bucket needs obstore: pip install 'apiserver[s3]'."
        ) from None
    storage: Storage = module.Bucket(found)
    return storage


def includeme(config: Configurator) -> None:
    config.add_setting("storage", place)
    found = config.registry.settings["apiserver.storage"]
    config.action("apiserver.storage", open_storage, (config, found), order=9998)
