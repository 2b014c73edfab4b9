"""Clients of the API, generated from its document by OpenAPI Generator."""

import re
import shlex
import shutil
import sys
from difflib import get_close_matches
from pathlib import Path

import orjson
from invoke.context import Context

from tasks import console, openapi_generator
from tasks.client_document import Document, client_document
from tasks.declaring import task

CLIENTS = Path("clients")
NAME = "apiserver-client"

# Both Python and npm accept these.
_VERSION = re.compile(r"\d+\.\d+\.\d+(-(alpha|beta|rc)\.\d+)?")

# The generators' options for the version of a package. They ignore other names.
VERSION_OF = (
    "artifactVersion",
    "gemVersion",
    "moduleVersion",
    "npmVersion",
    "packageVersion",
    "podVersion",
    "projectVersion",
    "pubVersion",
)

# Where a file that several languages share goes; the generator can't copy it.
OAUTH2 = CLIENTS / "javascript/templates/oauth2.js"
TAKES_OAUTH2 = {"typescript-axios": "oauth2.js", "typescript-fetch": "src/oauth2.js"}

README = """# {0} {1}

A client of the API, generated for {2} by OpenAPI Generator from `openapi.json`, which
describes the operations. Send an OAuth2 access token as `Authorization: Bearer`.
"""


@task(
    help={
        "language": "A client generator, such as python or typescript-fetch.",
        "version": "The version of the client, such as 1.0.0 or 1.0.0-rc.1.",
        "ini": f"{console.INI} Its issuer is the server that the client calls.",
        "dry-run": "Print the command without running it.",
    }
)
def codegen(
    context: Context,
    language: str,
    version: str,
    ini: str = console.DEVELOPMENT,
    dry_run: bool = False,
) -> None:
    """Generate a client of the API into clients/LANGUAGE/dist/."""
    check_version(version)
    openapi_generator.check()
    check_language(language)
    document = document_of(ini)
    command = command_for(language, version)
    if dry_run:
        sys.stdout.write(f"{shlex.join(command)}\n")
        return
    dist = CLIENTS / language / "dist"
    write(document, dist)
    terminal = console.load("rich.console:Console")(stderr=True)
    with terminal.status(f"Generating the client for {language}"):
        openapi_generator.generate(command)
    complete(dist, language, version)
    sys.stdout.write(f"{dist}/ has the client, version {version}.\n")


def check_version(version: str) -> None:
    """Refuse a version that Python or npm doesn't accept."""
    if not _VERSION.fullmatch(version):
        console.fail(
            f"{version} is not a version. Write three numbers, such as 1.0.0, or for a "
            "pre-release 1.0.0-rc.1 (or alpha, beta)."
        )


def check_language(language: str) -> None:
    """Refuse a language that the generator doesn't support, and list those it does.

    Languages with settings here are known to be supported.
    """
    if (CLIENTS / language / "config.yaml").exists():
        return
    known = openapi_generator.languages()
    if language not in known:
        similar = " or ".join(get_close_matches(language, known))
        hint = f" Is it {similar}?" if similar else ""
        console.fail(
            f"There is no generator for {language}.{hint}"
            f" Choose from: {', '.join(known)}."
        )


def document_of(ini: str) -> Document:
    """Return the document for clients of an ini file's application."""
    with console.application(ini) as registry:
        issuer = registry.settings.get("apiserver.issuer", "")
        convert = console.load("apiserver.core.openapi.openapi31:to_openapi31")
        return client_document(convert(console.own_document(registry)), issuer)


def command_for(language: str, version: str) -> list[str]:
    """Return the generator's command; its paths are relative to the project.

    A folder ``clients/LANGUAGE/`` may have the generator's settings in ``config.yaml``
    and templates of its own in ``templates/``.
    """
    folder = CLIENTS / language
    own = {"--config": folder / "config.yaml", "--template-dir": folder / "templates"}
    options = {
        "--generator-name": language,
        "--input-spec": folder / "dist/openapi.json",
        "--output": folder / "dist",
        **{option: path for option, path in own.items() if path.exists()},
        "--http-user-agent": f"{NAME}/{version}/{language}",
        "--additional-properties": ",".join(f"{name}={version}" for name in VERSION_OF),
    }
    words = (str(word) for option in options.items() for word in option)
    return [str(openapi_generator.PROGRAM), "generate", *words]


def write(document: Document, dist: Path) -> None:
    """Create an empty output folder with the document to generate from."""
    if dist.exists():
        shutil.rmtree(dist)
    dist.mkdir(parents=True)
    (dist / "openapi.json").write_bytes(
        orjson.dumps(document, option=orjson.OPT_INDENT_2)
    )


def complete(dist: Path, language: str, version: str) -> None:
    """Add what several languages share, and a README if the generator wrote none."""
    if language in TAKES_OAUTH2:
        shutil.copy(OAUTH2, dist / TAKES_OAUTH2[language])
    if any(path.stem.lower() == "readme" for path in dist.iterdir()):
        return
    readme = dist / "README.md"
    readme.write_text(README.format(NAME, version, language), encoding="utf-8")
