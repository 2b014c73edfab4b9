"""The pins are complete, and such as pips before 24.0 take, too.

Those take ``coverage[toml]`` for another requirement than ``coverage``, and than
``coverage[toml,other]``. Where one of them has no pin of its own, they choose the
newest release, and then refuse it.
"""

import importlib
import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from tests.installation.pins import FILES, Pin, applies, pin, requirements, text


def asked_for(pinned: Pin) -> list[Requirement]:
    """Return what an installed package requires with its extras; nothing of others."""
    try:
        found = metadata.requires(pinned.name) or []
    except metadata.PackageNotFoundError:
        return []
    required = [Requirement(each) for each in found]
    return [each for each in required if applies(each, pinned.extras)]


def by_project(file: str) -> list[Requirement]:
    """Return what setup.py requires with extras, of what the file is compiled for."""
    extras = frozenset(re.findall(r"--extra=(\S+)", text(file).splitlines()[1]))
    required = asked_for(Pin("apiserver", extras))
    return [each for each in required if each.extras]


@pytest.mark.parametrize("file", FILES)
class TestPins:
    def test_have_what_is_required_by_exactly_its_extras(self, file):
        pins = {pin(each) for each in requirements(file) if applies(each)}
        assert pins
        missing = [
            (str(each), pinned.name)
            for pinned in pins
            for each in asked_for(pinned)
            if pin(each) not in pins
        ]
        if file != "uv.txt":
            missing += [
                (str(each), "setup.py")
                for each in by_project(file)
                if pin(each) not in pins
            ]
        assert missing == []

    def test_are_of_one_version_with_hashes(self, file):
        lines = requirements(file)
        versions = [[s.operator for s in each.specifier] for each in lines]
        assert versions == [["=="]] * len(lines)
        assert text(file).count(" \\\n    --hash=sha256:") >= len(lines)

    def test_name_no_index(self, file):
        assert re.findall(r"^-|://", text(file), flags=re.MULTILINE) == []


def versions(file: str) -> set[tuple[str, str]]:
    return {(each.name, str(each.specifier)) for each in requirements(file)}


class TestFiles:
    def test_are_those_that_make_installs(self):
        environment = importlib.import_module("environment")
        assert {f"{name}.txt" for name in environment.SETS} < set(FILES)

    @pytest.mark.parametrize("file", FILES)
    def test_agree_on_versions(self, file):
        """One environment holds them all."""
        development = versions("development.txt")
        names = {name for name, version in development}
        others = {each for each in versions(file) if each[0] in names}
        assert others <= development

    @pytest.mark.parametrize(
        ("small", "large"), [("runtime", "testing"), ("testing", "development")]
    )
    def test_contain_each_other(self, small, large):
        assert versions(f"{small}.txt") < versions(f"{large}.txt")
