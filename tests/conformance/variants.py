"""The servers of these tests: how the settings of each differ from testing.ini."""

from tests.conformance.server import ISSUER, ORIGIN

TENANT = f"{ISSUER}/tenant/one"
STRICT = {
    "oauth2_password_grant": "false",
    "cors_origins": ORIGIN,
    # All tests come from the same address, and most of them do something wrong.
    "login_attempts_per_address": "1000000",
}
VARIANTS = {
    # The strict defaults; by several processes, for what has to hold on all of them.
    **{f"strict{number}": {} for number in range(4)},
    # Its operator has switched the password grant on.
    "password": {"oauth2_password_grant": "true"},
    # It doesn't stop whoever measures how long it takes.
    "patient": {"oauth2_password_grant": "true", "login_attempts": "1000000"},
    # It is one of several behind the same name.
    "tenant": {"issuer": TENANT},
    # It is called by the name that it has for others, without a proxy.
    "direct": {"issuer": "http://127.0.0.1:{port}"},
}
