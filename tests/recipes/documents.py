"""The code of the recipes, executed as it stands in the documents."""

import sys
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, configure_mappers

from apiserver.core import db
from apiserver.core.services import ApiService
from tests.markdown import ROOT, blocks

RECIPES = ROOT / "docs/recipes"


@dataclass(frozen=True, eq=False)
class Recipe:
    """What the Python of a document has defined."""

    module: Any
    tables: list[Any]

    def feature(self, config: Any) -> None:
        """Include the feature, with the endpoints that scan would find."""
        self.module.feature(config)
        for each in vars(self.module).values():
            if isinstance(each, ApiService):
                config.add_cornice_service(each)


@cache
def recipe(name: str) -> Recipe:
    """Execute a document, once in a process.

    Its tables have metadata of their own: migrations don't make them, and the project
    may have tables of the same names by now.
    """
    document = RECIPES / f"{name}.md"
    texts = [b.text for b in blocks(document) if b.language == "python"]
    module = ModuleType(f"recipe_{name.replace('-', '_')}")
    sys.modules[module.__name__] = module

    class RecipeBase(DeclarativeBase):
        metadata = MetaData(naming_convention=db.NAMING_CONVENTION)
        type_annotation_map = db.Base.type_annotation_map

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "Base", RecipeBase)
        for text in texts:
            exec(compile(text, document, "exec"), vars(module))  # noqa: S102 (our own)
    configure_mappers()
    return Recipe(module, RecipeBase.metadata.sorted_tables)
