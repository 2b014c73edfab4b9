"""An environment that can't be relied on is noticed, and made anew."""

import importlib
import os
import subprocess
import sys
import venv

import pytest

from tests.conftest import ROOT

THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def environment(tmp_path):
    """An environment with this Python, in which the tests' set is installed."""
    venv.create(tmp_path / "env", symlinks=True)
    made = importlib.import_module("environment").Environment(tmp_path / "env")
    with made.installing("testing"):
        pass
    return made


class TestSets:
    def test_larger_one_contains_the_smaller(self, environment):
        has = [environment.has(n) for n in ("runtime", "testing", "development")]
        assert has == [True, True, False]
        assert environment.fault("") == environment.fault(THIS) == ""

    def test_are_installed_anew_for_other_pins(self, environment, monkeypatch):
        state = environment.state()
        monkeypatch.setattr(environment, "state", lambda: f"{state}more")
        assert not environment.has("runtime")
        assert environment.fault("") == ""

    def test_are_installed_anew_after_an_interruption(self, environment):
        with pytest.raises(KeyboardInterrupt), environment.installing("runtime"):
            raise KeyboardInterrupt
        assert not environment.has("testing")
        assert environment.fault("") == ""
        with environment.installing("runtime"):
            assert environment.interrupted
        assert environment.has("testing")


class TestFault:
    def test_is_another_python(self, environment):
        assert environment.fault("3.99") == f"It runs Python {THIS}."

    def test_is_a_python_that_has_been_replaced(self, environment):
        settings = environment.folder / "pyvenv.cfg"
        settings.write_text(
            settings.read_text().replace(f"version = {THIS}", "version = 3.9")
        )
        assert environment.fault("").startswith("It was made by Python 3.9")

    def test_is_a_python_that_is_gone(self, environment):
        for python in environment.folder.glob("bin/python*"):
            python.unlink()
        assert environment.fault("") == "Its Python doesn't run any more."

    def test_is_another_place(self, environment, tmp_path):
        environment.folder.rename(tmp_path / "moved")
        moved = type(environment)(tmp_path / "moved")
        assert moved.fault("") == "It, or the project, has been moved."

    def test_is_a_beginning(self, environment):
        for stamp in environment.stamps():
            stamp.unlink()
        assert environment.fault("") == ""
        environment.unfinished.touch()
        assert environment.fault("") == "Making it was interrupted."


class TestProgram:
    """What make calls."""

    @pytest.fixture
    def call(self):
        def call(folder, *options, python=sys.executable):
            done = subprocess.run(  # noqa: S603
                [python, ROOT / "requirements/install.py", folder, *options],
                capture_output=True,
                text=True,
                check=False,
            )
            return done.returncode, done.stdout, done.stderr

        return call

    def test_says_nothing_where_all_is_there(self, call, environment):
        assert call(environment.folder, "testing", "--this-python") == (0, "", "")

    def test_leaves_alone_what_is_no_environment(self, call, tmp_path):
        (tmp_path / "thesis.txt").write_text("")
        status, said, error = call(tmp_path, "runtime")
        assert (status, said) == (1, "")
        assert error == (
            f"{tmp_path} is no virtual environment. Name another: make VENV=….\n"
        )
        assert os.listdir(tmp_path) == ["thesis.txt"]
