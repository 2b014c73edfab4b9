"""Production refuses what is meant for development, by name, with the cure."""

import pytest
from pyramid.exceptions import ConfigurationError

import apiserver
from apiserver.core.settings.environment import from_environment
from tests.settings import PRODUCTION, ROOT

INI = ROOT / "production.ini"
POSTGRESQL = "postgresql://user@127.0.0.1:1/example"
RELOADING = ["reload_templates", "reload_assets"]
DEBUGGING = [
    f"debug_{what}" for what in ("authorization", "notfound", "routematch", "templates")
]
SAFE = {
    "sqlalchemy.url": POSTGRESQL,
    "apiserver.issuer": "https://api.example.com",
    "apiserver.smtp_host": "smtp.example.com",
    "apiserver.mail_from": "no-reply@example.com",
    "apiserver.factors_key": "a" * 43 + "=",
}


def start(**settings):
    """Start the application of production.ini, overridden by settings."""
    values = {**PRODUCTION, **SAFE, **settings}
    return apiserver.main({"__file__": str(INI)}, **values)


def refusal(**settings):
    """Return what is said of unsafe settings, a line each."""
    with pytest.raises(ConfigurationError) as raised:
        start(**settings)
    return str(raised.value).splitlines()


# Each setting with a value that is refused, and what is said of it.
UNSAFE = {
    "sqlalchemy.url": (
        "sqlite:///example.db",
        "sqlalchemy.url is an SQLite database, which serves only one machine: set "
        "DATABASE_URL to a PostgreSQL URL.",
    ),
    "apiserver.issuer": (
        "http://127.0.0.1:5000",
        "apiserver.issuer is an http URL: give the https URL that clients use.",
    ),
    "apiserver.secure_cookies": (
        "false",
        "apiserver.secure_cookies allows cookies over HTTP: set it to true.",
    ),
    "apiserver.cors_origins": (
        "https://example.com *",
        "apiserver.cors_origins allows every website: list the origins.",
    ),
    "apiserver.captcha": (
        "static",
        "apiserver.captcha = static can be solved by anyone who has seen its answer: "
        "set it to a provider (recaptcha, hcaptcha, turnstile), or to off.",
    ),
    **{
        f"apiserver.{name}": (
            "true",
            f"apiserver.{name} is only for demonstrations: remove it.",
        )
        for name in ("oauth2_query_parameters", "oauth2_multipart", "prepare_database")
    },
}


class TestProduction:
    def test_starts_by_safe_settings_though_the_database_is_away(self):
        start()

    def test_says_all_at_once(self):
        head, *sentences = refusal(
            **{name: value for name, (value, _) in UNSAFE.items()},
            **{"apiserver.captcha_secret": "x" * 40},
        )
        assert "apiserver.production = false" in head
        assert sorted(sentences) == sorted(f"* {said}" for _, said in UNSAFE.values())

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            (
                {"apiserver.cors_origins": "null"},
                "apiserver.cors_origins allows every website: list the origins.",
            ),
            (
                {
                    "apiserver.captcha": "hcaptcha",
                    "apiserver.captcha_secret": "x" * 19,
                },
                "apiserver.captcha_secret is missing or too short: set "
                "APISERVER_CAPTCHA_SECRET to the provider's secret key, or "
                "APISERVER_CAPTCHA_SECRET_FILE to a file that holds it.",
            ),
        ],
    )
    def test_says_nothing_else(self, settings, sentence):
        assert refusal(**settings)[1:] == [f"* {sentence}"]

    def test_refuses_tools_for_finding_mistakes(self):
        """Pyramid switches them on singly, or all of a kind."""
        on = {f"pyramid.{name}": "true" for name in (*RELOADING, *DEBUGGING)}
        for settings, names in (
            (on, [*RELOADING, *DEBUGGING]),
            ({"pyramid.reload_all": "true"}, RELOADING),
            ({"pyramid.debug_all": "true"}, ["debug_all", *DEBUGGING]),
        ):
            refused = [
                f"* pyramid.{name} is only for debugging: remove it." for name in names
            ]
            assert sorted(refusal(**settings)[1:]) == sorted(refused)

    def test_refuses_the_debug_toolbar(self, tmp_path, monkeypatch):
        # One that does nothing: it is refused by its name.
        toolbar = "def includeme(config):\n    pass\n"
        (tmp_path / "pyramid_debugtoolbar.py").write_text(toolbar)
        monkeypatch.syspath_prepend(tmp_path)
        sentence = "* pyramid.includes has the debug toolbar: remove it."
        assert refusal(**{"pyramid.includes": "pyramid_debugtoolbar"})[1:] == [sentence]

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            ({"sqlalchemy.url": ""}, "set DATABASE_URL"),
            ({"apiserver.captcha": "hcaptcha"}, "apiserver.captcha_secret is missing"),
            ({"apiserver.issuer": ""}, "apiserver.issuer must be an https URL"),
        ],
    )
    def test_names_what_is_missing_or_unknown(self, settings, sentence):
        with pytest.raises(ConfigurationError, match=sentence):
            start(**settings)

    def test_starts_without_features_that_are_left_out(self):
        apiserver.main({}, **{"sqlalchemy.url": POSTGRESQL, "apiserver.features": ""})

    def test_leaves_the_rest_to_the_operator(self):
        """A secret as long as those of providers, and the password grant."""
        captcha = {"captcha": "hcaptcha", "captcha_secret": "x" * 20}
        settings = {**captcha, "oauth2_password_grant": "true"}
        start(**{f"apiserver.{name}": value for name, value in settings.items()})


class TestFilesOfSecrets:
    def test_must_be_readable(self, tmp_path):
        environ = {"DATABASE_URL_FILE": str(tmp_path / "nowhere")}
        with pytest.raises(ConfigurationError, match="which can't be read: No such"):
            from_environment({}, environ)

    def test_must_be_text(self, tmp_path):
        secret = tmp_path / "secret"
        secret.write_bytes(b"\xff")
        with pytest.raises(ConfigurationError, match="which can't be read: it is not "):
            from_environment({}, {"APISERVER_CAPTCHA_SECRET_FILE": str(secret)})
