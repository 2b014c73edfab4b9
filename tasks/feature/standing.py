"""The import-linter contract that features import only those they require.

A feature's ``includeme`` declares what it requires, with ``config.require_feature``,
and what it uses where that is on, with ``config.uses_feature``.
"""

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class StandingContract(Contract):
    """Features import each other only where it is said; ``others`` are none."""

    type_name = "standing"

    package: Any = fields.StringField()
    others: Any = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        root = self.package
        names = {each.rpartition(".")[2] for each in graph.find_children(root)}
        packages = {name for name in names if graph.find_children(f"{root}.{name}")}
        broken = []
        for feature in sorted(packages - self.others):
            allowed = {feature, "core", *required_by(f"{root}.{feature}")}
            for name in sorted(names - allowed):
                broken += chains(graph, f"{root}.{feature}", f"{root}.{name}")
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"- {importer} -> {imported}", bold=False)
        output.new_line()
        output.print_error(
            "A feature's includeme says what it stands on: config.require_feature(…), "
            "or config.uses_feature(…).",
            bold=False,
        )


def chains(graph: ImportGraph, feature: str, other: str) -> list[tuple[str, str]]:
    """Return the direct imports of one package from the other."""
    return sorted(
        (importer, imported)
        for importer in {feature, *graph.find_descendants(feature)}
        for imported in graph.find_modules_directly_imported_by(importer)
        if imported == other or imported.startswith(f"{other}.")
    )


def required_by(package: str) -> set[str]:
    """Return the features that a package requires or uses, according to its source."""
    spec = find_spec(package)
    source = spec.origin if spec is not None else None
    text = Path(source).read_text("utf-8") if source else ""
    return {
        argument.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("require_feature", "uses_feature")
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
