"""What pip's files and variables say, in the words of uv, which reads neither.

Without it, whoever has the company's index, a proxy or a certificate in pip.conf could
not install by uv.
"""

import ast
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# uv's variable for an option of pip, and what else uv takes in its place.
VARIABLES = {
    "index-url": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "extra-index-url": ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
    "find-links": ("UV_FIND_LINKS",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "proxy": ("ALL_PROXY", "HTTPS_PROXY", "all_proxy", "https_proxy"),
    "timeout": ("UV_HTTP_TIMEOUT",),
    "keyring-provider": ("UV_KEYRING_PROVIDER",),
}
TRUE = ("1", "on", "true", "yes")
# Those that may have several values.
SEPARATORS = {"extra-index-url": " ", "find-links": ",", "trusted-host": " "}
# By what programs that use requests, as pip does, are told of a certificate.
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def read(python: str) -> "dict[str, str]":
    """Return pip's settings for ``pip install``, each by the name of its option.

    ``pip config list`` prints ``global.index-url='…'``, where the section is one of a
    file, or ``:env:`` for a variable.
    """
    listed = subprocess.run(  # noqa: S603
        [python, "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    sections: Mapping[str, Any] = {"global": {}, "install": {}, ":env:": {}}
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        section, _, option = key.partition(".")
        if section in sections:
            sections[section][option.lstrip(".")] = str(ast.literal_eval(value))
    return {**sections["global"], **sections["install"], **sections[":env:"]}


def for_uv(
    pip: "Mapping[str, str]", environment: "Mapping[str, str]"
) -> "dict[str, str]":
    """Return the variables by which uv does as pip would.

    What the environment says to uv itself stays as it is.
    """
    certificates = [environment[name] for name in CERTIFICATES if environment.get(name)]
    told = {"cert": "".join(certificates[:1]), **pip}
    # As pip does, which asks all indexes. The hashes say which file is meant.
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    # The certificates of the machine, as newer pips take them.
    found["UV_SYSTEM_CERTS"] = "true"
    for option, (variable, *others) in VARIABLES.items():
        value = told.get(option, "")
        if option in SEPARATORS:
            value = SEPARATORS[option].join(places(value.split()))
        if value and not any(environment.get(name) for name in others):
            found[variable] = value
    return {name: found[name] for name in found if not environment.get(name)}


def places(words: "list[str]") -> "list[str]":
    """Leave out folders that don't exist: pip passes over them, uv fails."""
    return [w for w in words if not w.startswith("/") or Path(w).exists()]
