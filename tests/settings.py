"""The settings of the servers that the tests start.

They are written here rather than read from the ini files, where a project switches on
features of its own and chooses its title, its issuer, its limits: the tests of the
framework must not depend on these. Only tests that look at every feature of the project
(the walk, bad input, a feature's own tests) ask testing.ini for its features.
"""

from configparser import RawConfigParser
from functools import cache
from pathlib import Path
from typing import Any

from pyramid.paster import get_appsettings

import apiserver

ROOT = Path(__file__).parent.parent
# Those of them that a pure API leaves out.
OPTIONAL = (
    "mail",
    "factors",
    "sessions",
    "personal_tokens",
    "audit",
    "password_resets",
    "addresses",
    "invitations",
    "providers",
    "admin",
    "account",
)
# The features that come with the project, and that it still has.
SHIPPED = " ".join(
    name
    for name in ("users", "teams", "auth", *OPTIONAL)
    if (ROOT / "apiserver" / name / "__init__.py").exists()
)
# What is left: a pure API, which starts in a third of the time.
PURE = " ".join(name for name in SHIPPED.split() if name not in OPTIONAL)

# Those that come with it, and are not switched on; tests walk on them, too.
SWITCHED_OFF = tuple(
    name for name in ("jobs",) if (ROOT / "apiserver" / name / "__init__.py").exists()
)
# The example, on which the tests walk, too, as they do on a project's own features.
EXAMPLES = tuple(
    f"examples.{path.parent.name}" for path in ROOT.glob("examples/*/__init__.py")
)

# [app:main] of the ini files as they are shipped.
TESTING = {
    "apiserver.production": "false",
    "apiserver.hashing_queue": "1000",
    "apiserver.signup_attempts_per_address": "1000",
    "apiserver.pool_size": "3",
    "apiserver.features": SHIPPED,
    "apiserver.issuer": "https://api.example.com",
    "apiserver.signup": "open",
    "apiserver.captcha": "static",
    "apiserver.captcha_secret": "secret_key",
    "apiserver.oauth2_password_grant": "true",
    "apiserver.storage": str(ROOT / "build/files"),
    "sqlalchemy.url": "",
}
DEVELOPMENT = {
    "pyramid.reload_templates": "true",
    "sqlalchemy.url": "sqlite:///%(here)s/example.db",
    "apiserver.storage": "%(here)s/files",
    "apiserver.production": "false",
    "apiserver.prepare_database": "true",
    "apiserver.features": SHIPPED,
    "apiserver.issuer": "http://127.0.0.1:5000",
    "apiserver.secure_cookies": "false",
    "apiserver.signup": "open",
    "apiserver.captcha": "static",
    "apiserver.captcha_secret": "secret_key",
    "apiserver.cors_origins": "",
    "apiserver.documentation_client_id": "documentation",
    "apiserver.oauth2_password_grant": "true",
    "apiserver.oauth2_query_parameters": "true",
    "apiserver.oauth2_multipart": "true",
    "apiserver.oauth2_access_token_lifetime": "3600",
}
PRODUCTION = {
    "sqlalchemy.url": "",
    "apiserver.production": "true",
    "apiserver.features": SHIPPED,
    "apiserver.issuer": "",
    "apiserver.signup": "verified",
    "apiserver.captcha": "off",
    "apiserver.cors_origins": "",
    "apiserver.smtp_host": "",
    "apiserver.mail_from": "",
    "apiserver.factors_required": "nobody",
    "apiserver.storage": "",
    "apiserver.trusted_proxies": "",
    "apiserver.access_log": "true",
    "apiserver.tracing": "false",
    "apiserver.metrics_allow": "",
    "apiserver.rate_limit": "",
    "apiserver.rate_limit_storage": "",
}
SETTINGS = {
    "testing.ini": TESTING,
    "development.ini": DEVELOPMENT,
    "production.ini": PRODUCTION,
}


def shipped_ini(name: str, here: str = str(ROOT)) -> str:
    """Return the text of an ini file with the settings as they are shipped.

    Loggers and servers are the project's; the first server listens at a free port.
    ``here`` is the folder of the project.
    """
    ini = RawConfigParser()
    ini.optionxform = str  # type: ignore[assignment, method-assign]
    ini.read(ROOT / name, "utf-8")
    ini["app:main"] = {"use": "egg:apiserver", **SETTINGS[name]}
    ini["server:main"]["listen"] = "127.0.0.1:0"
    lines = []
    for section in ini.sections():
        values = [f"{key} = {value}" for key, value in ini[section].items()]
        lines += [f"[{section}]", *values, ""]
    return "\n".join(lines).replace("%(here)s", here)


@cache
def own_settings(*features: str) -> dict[str, str]:
    """Return the settings of testing.ini that the framework doesn't know.

    And the features that are on, with the given ones, those that can be switched on,
    and those of the examples.
    """
    ini = get_appsettings(str(ROOT / "testing.ini"))
    known = make(TESTING).registry.known_settings
    on = dict.fromkeys(
        [*ini["apiserver.features"].split(), *features, *SWITCHED_OFF, *EXAMPLES]
    )
    own = {
        name: value
        for name, value in ini.items()
        if name.startswith("apiserver.") and name not in known
    }
    return {**own, "apiserver.features": " ".join(on)}


@cache
def project() -> Any:
    """Return the application of the project, for a look at it: it has no database."""
    return make({**TESTING, **own_settings()})


def make(settings: dict[str, str]) -> Any:
    """Make an application, with the ini file whose migrations there are."""
    url = settings["sqlalchemy.url"] or "sqlite://"
    ini = {"__file__": str(ROOT / "testing.ini"), "on_demand": "true"}
    return apiserver.main(ini, **{**settings, "sqlalchemy.url": url})
