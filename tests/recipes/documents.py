"""The features of the recipes, imported as they stand in the documents."""

import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, configure_mappers

from apiserver.core import db
from tests.markdown import ROOT, files_of

RECIPES = ROOT / "docs/recipes"
# Where the packages are written to, as long as the process lives.
FOLDER = TemporaryDirectory(prefix="recipes")


@dataclass(frozen=True, eq=False)
class Recipe:
    """The package that a document makes, and its tables."""

    package: str
    tables: list[Any]

    def module(self, name: str) -> Any:
        return import_module(f"{self.package}.{name}")


@cache
def recipe(name: str) -> Recipe:
    """Import the feature of a document, once in a process.

    Its package and its metadata are others than the project's, which may have a feature
    and tables of these names by now.
    """
    files = files_of(RECIPES / f"{name}.md")
    feature = next(iter(files)).split("/")[1]
    package = Path(FOLDER.name) / f"recipe_{feature}"
    package.mkdir()
    for path, text in files.items():
        if path.startswith("apiserver/"):
            text = text.replace(f"apiserver.{feature}", package.name)
            (package / Path(path).name).write_text(text, "utf-8")

    class RecipeBase(DeclarativeBase):
        metadata = MetaData(naming_convention=db.Base.metadata.naming_convention)
        type_annotation_map = db.Base.type_annotation_map

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [FOLDER.name, *sys.path])
        patch.setattr(db, "Base", RecipeBase)
        for path in package.glob("*.py"):
            import_module(f"{package.name}.{path.stem}")
    configure_mappers()
    return Recipe(package.name, RecipeBase.metadata.sorted_tables)
