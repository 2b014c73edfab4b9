"""Mails as features declare them: names, templates, and how these are rendered.

A mail has two templates for each language, ``en/invitation.txt.jinja2``, whose first
line is the subject, and ``en/invitation.html.jinja2``. A project replaces them with
``config.override_asset``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from jinja2 import (
    Environment,
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    select_autoescape,
)
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.path import AssetResolver
from pyramid.threadlocal import manager

from apiserver.core.http import ValidationFailed
from apiserver.core.registry import Registry

# The language that every mail has.
FALLBACK = "en"
OWN = "apiserver.mail:mails"
SUBJECT = "Subject: "
# The longest value that is shown in full; people may have typed it.
LONGEST_VALUE = 500
LONGEST_SUBJECT = 200

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# What programs turn into a link: a scheme, or the dots of a domain name.
_SCHEME = re.compile(r"(?<=\w):(?=//)")
_DOTS = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")


class Mail(NamedTuple):
    """A kind of mail, as a feature declares it.

    ``is_notice``: recipients may unsubscribe (``List-Unsubscribe``). ``is_bounded``:
    other people can cause it, so that the number per recipient is limited.
    """

    name: str
    folder: str
    is_notice: bool
    is_bounded: bool


class Content(NamedTuple):
    """A rendered mail: its subject, text and HTML."""

    subject: str
    text: str
    html: str


class Link(str):
    """A URL below the issuer: mails link to no others."""

    __slots__ = ()


def link_to(registry: Registry, path: str, **query: str) -> Link:
    """Return the URL of a path of this server, for a mail: below the issuer."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("A link of a mail is a path of this server.")
    issuer: str = registry.settings["apiserver.issuer"]
    return Link(f"{issuer}{path}{'?' if query else ''}{urlencode(query)}")


class LinkInvalid(ValidationFailed):
    """The token is that of no link that works; whether it ever did, nobody learns."""

    sentence = (
        "The link is unknown, has expired, or was used, revoked or replaced by a newer "
        "one."
    )

    def __init__(self) -> None:
        super().__init__(("body", "token", self.sentence))


def plain(value: object) -> object:
    """Return a value as one line of text that no program turns into a link.

    A team may be called ``See http://example.org``: its invitations lead only here.
    """
    if isinstance(value, Link | bool | int | float | date | datetime | None):
        return value
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    line = " ".join(str(value)[:LONGEST_VALUE].split())
    printable = "".join(each for each in line if each.isprintable())
    return " ".join(map(without_link, printable.split(" ")))


def without_link(word: str) -> str:
    """Return a word, changed if programs would take it for a link.

    Email addresses aren't changed.
    """
    if "@" in word and "/" not in word:
        return word
    return _DOTS.sub("[.]", _SCHEME.sub("[:]", word))


@contextmanager
def overrides_of(registry: Registry) -> Iterator[None]:
    """Apply this application's asset overrides, since jobs have no request for that."""
    manager.push({"registry": registry, "request": None})
    try:
        yield
    finally:
        manager.pop()


def read(spec: str) -> tuple[str, str, Callable[[], bool]] | None:
    """Return a template by its asset specification, and whether it is unchanged."""
    found = AssetResolver().resolve(spec)
    if ":" not in spec or not found.exists():
        return None
    path = Path(found.abspath())
    changed = path.stat().st_mtime_ns
    return (
        path.read_text("utf-8"),
        str(path),
        lambda: path.stat().st_mtime_ns == changed,
    )


def find(registry: Registry, folder: str, name: str, end: str) -> Template:
    """Return a template in the configured language, or else in English."""
    language: str = registry.settings["apiserver.mail_language"]
    names = [f"{folder}/{each}/{name}.{end}.jinja2" for each in (language, FALLBACK)]
    found: Template = registry.mail_templates.select_template(names)
    return found


def write(registry: Registry, mail: Mail, values: Mapping[str, object]) -> Content:
    """Render a mail's templates. Raises the errors in them."""
    known = {
        "title": registry.settings["apiserver.title"],
        "home": link_to(registry, "/"),
        **{name: plain(value) for name, value in values.items()},
    }
    with overrides_of(registry):
        text, html = (
            find(registry, mail.folder, mail.name, end).render(known)
            for end in ("txt", "html")
        )
    first, _, rest = text.lstrip().partition("\n")
    subject = " ".join(first.removeprefix(SUBJECT).split())[:LONGEST_SUBJECT]
    return Content(subject, f"{rest.strip()}\n", html)


def add_mail(
    config: Configurator,
    name: str,
    folder: str,
    *,
    is_notice: bool = False,
    is_bounded: bool = True,
) -> None:
    """Declare a mail, whose templates are in a folder: ``package:mails``."""
    registry = config.registry

    def add() -> None:
        for end in ("txt", "html") if registry.at_start else ():
            try:
                find(registry, folder, name, end)
            except TemplateNotFound:
                raise ConfigurationError(
                    f"The mail {name} has no template {folder}/{FALLBACK}/{name}.{end}"
                    ".jinja2."
                ) from None
        registry.mails[name] = Mail(name, folder, is_notice, is_bounded)

    config.action(("mail", name), add, order=1)


def language(value: str) -> str:
    """A language tag (RFC 5646), which is the name of a folder."""
    value = value.strip()
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("must be a language, such as en, de or pt-BR")
    return value


def refuse_unknown_language(registry: Registry) -> None:
    """Raise ConfigurationError for a language that no mail is in."""
    name: str = registry.settings["apiserver.mail_language"]
    layout = f"{OWN}/{name}/layout.txt.jinja2"
    if read(layout) is None:
        raise ConfigurationError(
            f"apiserver.mail_language = {name}, but there is no {layout}: set it to a "
            f"language that has one, such as {FALLBACK}."
        )


def includeme(config: Configurator) -> None:
    config.add_setting("mail_language", language, FALLBACK)
    config.registry.mails = {}
    config.registry.mail_templates = Environment(
        loader=FunctionLoader(read),
        autoescape=select_autoescape(["html.jinja2"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    config.add_directive("add_mail", add_mail)
    # After what is overridden.
    config.action("mail_language", refuse_unknown_language, (config.registry,), order=1)
    config.add_mail("test", OWN, is_bounded=False)
