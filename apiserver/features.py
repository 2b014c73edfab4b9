"""The features of an application: packages in this one, or others by dotted names."""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core import settings

NAME = "apiserver.features"
DEFAULT = "users teams auth"
NO_FEATURES = {"core", "ops", "commands"}
BESIDE = Path(__file__).parent.parent
NO_PACKAGE = "there is no such package to be imported"


def feature_names(value: str) -> tuple[str, ...]:
    """Parse ``apiserver.features``; raise ValueError for a missing feature.

    ``teams`` is a package in this one, ``examples.projects`` any that can be imported.
    """
    names, packages = settings.words(value), inside()
    for name in names:
        if "." not in name and name not in packages:
            known = ", ".join(packages)
            raise ValueError(
                f"contains {name}, which is unknown; the features are {known}"
            )
        if "." in name and folder_of(name) is None:
            raise ValueError(f"contains {name}: {NO_PACKAGE}")
    return names


def inside() -> list[str]:
    """Return the names of all features in this package, enabled or not."""
    here = iter_modules(sys.modules[__package__].__path__)
    return sorted({m.name for m in here if m.ispkg} - NO_FEATURES)


def package_of(name: str) -> str:
    """Return the dotted name of a feature's package."""
    return name if "." in name else f"apiserver.{name}"


def folder_of(name: str) -> Path | None:
    """Return the folder of a feature's package, if it can be imported.

    Packages beside this one can be, wherever the program was started.
    """
    if str(BESIDE) not in sys.path:
        sys.path.append(str(BESIDE))
    try:
        spec = find_spec(package_of(name))
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None or not spec.submodule_search_locations:
        return None
    return Path(spec.origin).parent


def outside(values: Mapping[str, str]) -> list[str]:
    """Return the enabled features that are packages outside of this one.

    Raises ConfigurationError for a missing one.
    """
    names = [name for name in settings.words(values.get(NAME, "")) if "." in name]
    for name in names:
        if folder_of(name) is None:
            raise ConfigurationError(f"{NAME} contains {name}: {NO_PACKAGE}.")
    return names


def histories(values: Mapping[str, str]) -> dict[str, Path]:
    """Return the folders of the features' own migrations, by feature.

    Of all features in this package, and of others that are enabled.
    """
    folders = {n: Path(str(folder_of(n))) for n in (*inside(), *outside(values))}
    found = {name: folder / "migrations" for name, folder in folders.items()}
    return {name: folder for name, folder in found.items() if folder.is_dir()}


def switched_off(values: Mapping[str, str]) -> set[str]:
    """Return the features in this package that aren't enabled."""
    return set(inside()) - set(settings.words(values.get(NAME, DEFAULT)))


def require_feature(config: Configurator, name: str, *, included: bool = True) -> None:
    """Declare in an ``includeme`` that the feature requires another, which comes first.

    It need not be ``included`` if only its code is used, as by a feature that replaces
    it.
    """
    registry = config.registry
    if included and name not in registry.features:
        asking = registry.settings[NAME][len(registry.features)]
        raise ConfigurationError(
            f"{NAME} must name {name} before {asking}, which stands on it."
        )


def uses_feature(config: Configurator, name: str) -> bool:
    """Return in an ``includeme`` whether an optional feature is enabled.

    If it is, it must come first, like a required one.
    """
    is_on = name in config.registry.settings[NAME]
    if is_on:
        require_feature(config, name)
    return is_on


def include_features(config: Configurator) -> None:
    """Include the enabled features, one after the other."""
    config.add_setting("features", feature_names, DEFAULT)
    config.add_directive("require_feature", require_feature)
    config.add_directive("uses_feature", uses_feature)
    config.registry.features = []
    for name in config.registry.settings[NAME]:
        config.include(package_of(name), route_prefix=config.registry.api_prefix)
        config.registry.features.append(name)
