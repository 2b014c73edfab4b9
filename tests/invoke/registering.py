"""Adds generated features to the project, in a process of their own, and starts it.

``python -m tests.invoke.registering FOLDER`` takes what is in ``FOLDER/apiserver`` and
``FOLDER/tests`` for parts of these packages, switches all features on, and prints as
JSON what the application then has.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

from pyramid.paster import get_appsettings
from sqlalchemy import create_engine, inspect

import apiserver
import tests
from apiserver.core.db import Base
from apiserver.core.openapi import own_document
from tests.conftest import INI, ROOT
from tests.settings import SHIPPED


def main(folder: Path) -> None:
    apiserver.__path__.append(str(folder / "apiserver"))
    tests.__path__.append(str(folder / "tests"))
    features = sorted(path.name for path in (folder / "apiserver").iterdir())
    settings = {
        **get_appsettings(str(INI)),
        "sqlalchemy.url": "sqlite://",
        "apiserver.features": f"{SHIPPED} {' '.join(features)}",
    }
    registry = apiserver.main({"__file__": str(INI)}, **settings).registry
    for path in sorted(folder.glob("tests/*/*.py")):
        import_module(f"tests.{path.parent.name}.{path.stem}")
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    has = {
        "paths": own_document(registry)["paths"],
        "definitions": list(own_document(registry)["definitions"]),
        "scopes": registry.scopes,
        "tables": inspect(engine).get_table_names(),
        "hidden": hidden_modules(),
    }
    json.dump(has, sys.stdout)


def hidden_modules() -> list[str]:
    """Return the modules of the tests in whose place another one is imported."""
    modules = {f"tests.{path.stem}": path for path in ROOT.glob("tests/*.py")}
    del modules["tests.__init__"]
    return [
        name
        for name, path in modules.items()
        if import_module(name).__file__ != str(path)
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
