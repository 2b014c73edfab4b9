"""Whoever has told pip where packages are needn't tell uv."""

import importlib
import os
import sys

import pytest

CONFIGURATION = """
[global]
index-url = https://global.example/simple
timeout = 7
[install]
index-url = https://company.example/simple
extra-index-url =
    https://one.example/simple
    https://two.example/simple
[download]
index-url = https://download.example/simple
"""


@pytest.fixture
def pip_settings():
    return importlib.import_module("pip_settings")


@pytest.fixture
def told(pip_settings, tmp_path, monkeypatch):
    """What pip is told by a file and the environment, as pip itself says."""
    for name in os.environ:
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    (tmp_path / "pip.conf").write_text(CONFIGURATION)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("PIP_TIMEOUT", "9")
    return pip_settings.read(sys.executable)


class TestRead:
    def test_takes_the_nearest(self, told):
        assert told["index-url"] == "https://company.example/simple"
        assert told["timeout"] == "9"


class TestForUv:
    def test_says_what_pip_was_told(self, pip_settings, told):
        said = pip_settings.for_uv(told, {})
        assert {
            k: said[k] for k in said if k not in ("UV_FIND_LINKS", "SSL_CERT_FILE")
        } == {
            "ALL_PROXY": "http://proxy.example:3128",
            "UV_DEFAULT_INDEX": "https://company.example/simple",
            "UV_HTTP_TIMEOUT": "9",
            "UV_INDEX": "https://one.example/simple https://two.example/simple",
            "UV_INDEX_STRATEGY": "unsafe-best-match",
            "UV_SYSTEM_CERTS": "true",
        }

    @pytest.mark.parametrize(
        ("variable", "value", "left_out"),
        [
            ("UV_DEFAULT_INDEX", "https://own.example", "UV_DEFAULT_INDEX"),
            ("UV_INDEX_URL", "https://own.example", "UV_DEFAULT_INDEX"),
            ("UV_EXTRA_INDEX_URL", "https://own.example", "UV_INDEX"),
            ("UV_INDEX_STRATEGY", "first-index", "UV_INDEX_STRATEGY"),
            ("https_proxy", "http://own.example", "ALL_PROXY"),
            ("UV_SYSTEM_CERTS", "false", "UV_SYSTEM_CERTS"),
        ],
    )
    def test_leaves_what_uv_was_told(
        self, pip_settings, told, variable, value, left_out
    ):
        assert left_out not in pip_settings.for_uv(told, {variable: value})

    @pytest.mark.parametrize(
        ("environment", "pip", "file"),
        [
            ({"CURL_CA_BUNDLE": "curl.pem"}, {}, "curl.pem"),
            ({"REQUESTS_CA_BUNDLE": "a.pem", "CURL_CA_BUNDLE": "b.pem"}, {}, "a.pem"),
            ({"CURL_CA_BUNDLE": "curl.pem"}, {"cert": "pip.pem"}, "pip.pem"),
        ],
    )
    def test_names_the_certificates_of_pip(self, pip_settings, environment, pip, file):
        assert pip_settings.for_uv(pip, environment)["SSL_CERT_FILE"] == file

    def test_passes_over_folders_that_do_not_exist(self, pip_settings, tmp_path):
        links = f"{tmp_path}/none {tmp_path} https://links.example/"
        said = pip_settings.for_uv({"find-links": links}, {})
        assert said["UV_FIND_LINKS"] == f"{tmp_path},https://links.example/"

    def test_names_no_folders_where_none_exists(self, pip_settings, tmp_path):
        said = pip_settings.for_uv({"find-links": f"{tmp_path}/none"}, {})
        assert "UV_FIND_LINKS" not in said
