"""The code of the recipes, executed as it stands in the documents."""

import sys
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from sqlalchemy.orm import configure_mappers

from apiserver.core.db import Base
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

    Its tables are no longer of the project's metadata then: migrations don't make them.
    """
    document = RECIPES / f"{name}.md"
    texts = [b.text for b in blocks(document) if b.language == "python"]
    module = ModuleType(f"recipe_{name.replace('-', '_')}")
    sys.modules[module.__name__] = module
    known = set(Base.metadata.tables)
    for text in texts:
        exec(compile(text, document, "exec"), vars(module))  # noqa: S102 (our own)
    configure_mappers()
    tables = [t for name, t in Base.metadata.tables.items() if name not in known]
    for table in tables:
        Base.metadata.remove(table)
    return Recipe(module, tables)
