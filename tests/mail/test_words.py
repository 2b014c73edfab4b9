"""The words of mails: in a language, from the feature or the team that overrides it."""

import pytest
from pyramid.exceptions import ConfigurationError
from pyramid.path import AssetResolver

from apiserver.mail import Link, link_to
from apiserver.mail.declared import plain, write
from tests.settings import project

# Of an application that is given none.
TITLE = "apiserver"
LANGUAGES = ("en", "de")


def test_are_there_in_each_language_for_each_mail_that_is_shipped():
    missing = [
        spec
        for mail in project().registry.mails.values()
        if mail.folder.startswith("apiserver.")
        for language in LANGUAGES
        for end in ("txt", "html")
        if not AssetResolver()
        .resolve(spec := f"{mail.folder}/{language}/{mail.name}.{end}.jinja2")
        .exists()
    ]
    assert missing == []


class TestLanguage:
    def test_is_that_of_the_setting(self, make_mail_app):
        registry = make_mail_app("sqlite://", mail_language="de").registry
        content = write(registry, registry.mails["test"], {})
        assert content.subject == f"Ein Test von {TITLE}"
        assert content.text == (
            "E-Mails kommen an: Die Einstellungen für SMTP sind richtig.\n\n\n-- \n"
            f"Diese E-Mail kommt von {TITLE}: https://api.example.com/\n"
        )
        assert '<html lang="de">' in content.html

    def test_is_english_for_a_mail_that_has_no_other(self, make_mail_app):
        registry = make_mail_app("sqlite://", mail_language="de").registry
        values = {"word": "rain", "link": link_to(registry, "/letters/")}
        content = write(registry, registry.mails["letter"], values)
        assert content.subject == "Letter about rain"


class TestTemplates:
    def test_of_a_team_take_the_place_of_others(self, make_mail_app):
        def own_words(config):
            folder = "tests.mail:mails/own/"
            config.override_asset(
                "apiserver.mail:mails/layout.html.jinja2", f"{folder}layout.html.jinja2"
            )
            config.override_asset("apiserver.mail:mails/en/", folder)

        registry = make_mail_app("sqlite://", own_words).registry
        content = write(registry, registry.mails["test"], {})
        assert content == (
            f"Hello from {TITLE}",
            "It works.\n",
            "<p>It works at https://api.example.com/.</p>\n",
        )

    def test_that_are_missing_are_said_at_the_start(self, make_mail_app):
        def more(config):
            config.add_mail("riddle", "tests.mail:mails")

        sentence = (
            "The mail riddle has no template tests.mail:mails/en/riddle.txt.jinja2."
        )
        with pytest.raises(ConfigurationError, match=sentence):
            make_mail_app("sqlite://", more)


class TestValue:
    def test_is_text_however_deep(self):
        link = Link("https://api.example.com/x")
        value = {"a": ["http://e.example", link, 3, None], "b": ("x\ny",)}
        assert plain(value) == {
            "a": ["http[:]//e[.]example", link, 3, None],
            "b": ["x y"],
        }


class TestLink:
    @pytest.mark.parametrize("path", ["letters", "//evil.example", "https://e.example"])
    def test_is_below_the_issuer(self, app, path):
        with pytest.raises(ValueError, match="a path of this server"):
            link_to(app.registry, path)
