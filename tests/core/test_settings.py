"""Settings: declared with a type, refused when unknown, taken from the environment."""

import re

import pytest
from pyramid.exceptions import ConfigurationError

from apiserver.core.settings import (
    add_setting,
    boolean,
    count,
    one_of,
    path,
    seconds,
    text,
    words,
)
from apiserver.core.settings.environment import from_environment


def declare(name, parse, *default):
    """Return a feature that declares a setting."""
    return lambda config: add_setting(config, name, parse, *default)


class TestParsers:
    @pytest.mark.parametrize(
        ("parse", "value", "parsed"),
        [
            (text, "  a b ", "a b"),
            (text, "", ""),
            (words, "", ()),
            (words, " users\n  teams auth ", ("users", "teams", "auth")),
            (words, "users,teams, auth,", ("users", "teams", "auth")),
            (seconds, "3600", 3600),
            (seconds, " 060 ", 60),
            (boolean, "true", True),
            (boolean, "Yes", True),
            (boolean, "1", True),
            (boolean, "off", False),
            (boolean, " False ", False),
            (one_of("open", "closed"), " open ", "open"),
            (path, "/api/v2", "/api/v2"),
        ],
    )
    def test_take_what_is_meant(self, parse, value, parsed):
        assert parse(value) == parsed
        assert type(parse(value)) is type(parsed)

    @pytest.mark.parametrize(
        ("parse", "value", "sentence"),
        [
            *[
                (seconds, value, "must be a positive number of seconds")
                for value in ("", "0", "-1", "1.5", "1h", "1_0", "\u0661")
            ],
            *[
                (count, value, "must be a positive number")
                for value in ("", "0", "-1", "1.5", "many")
            ],
            (seconds, "9" * 5000, "must be at most 3155760000"),
            *[
                (boolean, value, "must be true or false")
                for value in ("", "ture", "maybe", "2", "enabled")
            ],
            *[
                (one_of("open", "closed"), value, "must be one of open, closed")
                for value in ("", "Open", "open closed")
            ],
            *[
                (path, value, "must be a path, such as /api/v2")
                for value in ("", "/", "api", "/api/", "//api", "/a b", "/{a}", "/../a")
            ],
        ],
    )
    def test_refuse_anything_else(self, parse, value, sentence):
        with pytest.raises(ValueError, match=re.escape(sentence)):
            parse(value)


class TestAddSetting:
    def made(self, make_core_app, *features, **settings):
        return make_core_app(*features, **settings).registry.settings

    def test_replaces_the_text_by_its_value(self, make_core_app):
        def twice(config):
            add_setting(config, "size", seconds, "7")
            add_setting(config, "size", seconds, "7")

        given = {"apiserver.size": "5", "pyramid.debug_all": "true", "x.else": "x"}
        settings = self.made(make_core_app, declare("size", seconds), **given)
        assert settings["apiserver.size"] == 5
        # Those of others are left alone.
        assert settings["x.else"] == "x"
        assert self.made(make_core_app, twice)["apiserver.size"] == 7

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            ({}, r"apiserver\.size is missing"),
            (
                {"apiserver.size": "1h"},
                r"apiserver\.size must be a positive number of seconds\.",
            ),
        ],
    )
    def test_may_ask_for_a_value(self, make_core_app, settings, sentence):
        with pytest.raises(ConfigurationError, match=sentence):
            self.made(make_core_app, declare("size", seconds, None), **settings)


class TestUnknownSetting:
    @pytest.mark.parametrize("name", ["signupp", "Signup", "signup ", ""])
    def test_is_refused_by_name(self, make_pure_app, database_url, name):
        with pytest.raises(ConfigurationError) as raised:
            make_pure_app(database_url, **{name: "secret value"})
        message = str(raised.value)
        unknown = f"Unknown settings: apiserver.{name}. Known settings: apiserver."
        assert unknown in message
        assert "apiserver.signup, " in message
        assert "secret value" not in message

    def test_is_refused_in_the_environment_as_well(
        self, make_pure_app, database_url, monkeypatch
    ):
        monkeypatch.setenv("APISERVER_SIGNUPP", "open")
        with pytest.raises(ConfigurationError, match=r"settings: apiserver\.signupp\."):
            make_pure_app(database_url)


class TestEnvironment:
    def test_overrides_the_ini_file(self):
        settings = {"sqlalchemy.url": "sqlite://", "apiserver.signup": "open", "x": "y"}
        environ = {
            "DATABASE_URL": " postgresql://127.0.0.1/x\n",
            "APISERVER_SIGNUP": "closed",
            "APISERVER_CAPTCHA_SECRET": "s3",
            "PATH": "/bin",
            "X": "z",
        }
        assert from_environment(settings, environ) == {
            "sqlalchemy.url": "postgresql://127.0.0.1/x",
            "apiserver.signup": "closed",
            "apiserver.captcha_secret": "s3",
            "x": "y",
        }
        assert settings["apiserver.signup"] == "open"

    def test_leaves_the_settings_when_it_says_nothing(self):
        settings = {"sqlalchemy.url": "sqlite://"}
        assert from_environment(settings, {"DATABASE_URL": ""}) == settings

    def test_is_the_environment_of_the_process(
        self, make_pure_app, database_url, monkeypatch
    ):
        monkeypatch.setenv("APISERVER_SIGNUP", "closed")
        app = make_pure_app(database_url)
        assert app.registry.settings["apiserver.signup"] == "closed"
