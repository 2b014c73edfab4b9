"""Features of all kinds of names, at once: each is refused, or works beside the others.

What is in ``nouns.txt`` are plurals that people might choose, and such that the code of
the project, of its tests and of its tools uses for something else. Each eighth of those
that are accepted is made; with EVERY_NOUN=1 in the environment all of them are.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from tasks import console
from tasks.feature import writing
from tasks.feature.generating import Asked, prepared
from tasks.feature.names import BadName
from tests.conftest import ROOT
from tests.invoke.test_feature_names import NOUNS
from tests.served import clean_environment

pytestmark = pytest.mark.slow

STEP = 1 if os.environ.get("EVERY_NOUN") else 8


@pytest.fixture(scope="module")
def features(app):
    """The names and files of the features that are accepted, a noun for each."""
    features, refused = {}, []
    for noun in NOUNS:
        try:
            shape, files = prepared(Asked(noun), app.registry)
        except BadName as error:
            refused.append(str(error))
        else:
            # Two plurals may have the same singular: indexes, indices.
            features.setdefault(shape.names.singular, (shape.names, files))
    wordless = [r for r in refused if not re.search(r"; (choose|name|use) .+\.$", r)]
    assert wordless == []
    return list(features.values())


@pytest.fixture(scope="module")
def made(features):
    return features[::STEP]


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("features")
    for _, files in made:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    writing.tidy(ROOT, folder)
    return folder


def test_most_nouns_are_accepted(features):
    assert len(features) > 0.8 * len(NOUNS) > 400


def test_ruff_finds_nothing(folder):
    sources = f"src = {json.dumps(['.', str(ROOT)])}"
    for command in (("check", "--config", sources), ("format", "--check")):
        done = subprocess.run(  # noqa: S603
            [console.PROGRAMS / "ruff", *command, "--no-cache", "."],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_all_are_registered_beside_the_others(made, folder):
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tests.invoke.registering", folder],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    has = json.loads(done.stdout)
    assert has["hidden"] == []
    for names, _ in made:
        operations = has["paths"][f"/{names.plural}/"]
        assert {"get", "post", "options"} == operations.keys()
        assert names.singular in has["tables"]
        assert f"{names.plural}:write" in has["scopes"]
        assert f"{names.class_name}Detail" in has["definitions"]
    counted = Counter(
        operation["operationId"]
        for methods in has["paths"].values()
        for operation in methods.values()
        if "operationId" in operation
    )
    assert [name for name, times in counted.items() if times > 1] == []
