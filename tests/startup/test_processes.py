"""The programs themselves: a reloader that never served ends, and pserve is ours."""

import socket

import pytest

from tests.served import in_process

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("options", [[], ["--reload"]])
class TestPserve:
    def test_says_that_its_port_is_taken(self, tmp_path, options):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            variables = ("host=127.0.0.1", f"port={port}", "--server-name=address")
            status, printed, error = in_process(
                "pserve",
                "development.ini",
                *variables,
                *options,
                url=f"sqlite:///{tmp_path}/own.db",
            )
        assert (status, printed) == (1, "")
        (sentence,) = error.splitlines()
        assert sentence.startswith(f"Can't listen on 127.0.0.1:{port}: ")
        assert not (tmp_path / "own.db").exists()

    def test_names_a_file_that_is_missing(self, tmp_path, options):
        done = in_process("pserve", "missing.ini", *options, url="sqlite://")
        examples = "development.ini and production.ini are examples"
        assert done == (1, "", f"There is no file missing.ini: {examples}.\n")
