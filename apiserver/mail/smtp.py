"""The SMTP server: its settings, connections and errors."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any
from urllib.parse import urlsplit

import idna
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core import settings
from apiserver.core.jobs import JobFailed
from apiserver.core.registry import Registry

# Ports by kind of connection (RFC 8314, RFC 6409); private relays use the last.
PORTS = {"tls": 465, "starttls": 587, "none": 25}
LONGEST_ADDRESS = 254
# From this code on, refusals are permanent.
PERMANENT = 500
REFUSED: dict[type, str] = {
    smtplib.SMTPAuthenticationError: "apiserver.smtp_username or its password",
    smtplib.SMTPSenderRefused: "apiserver.mail_from",
    smtplib.SMTPDataError: "the message",
}
# The status code of RFC 3463, which says more than the reply code before it.
_STATUS = re.compile(rb"\d\.\d{1,3}\.\d{1,3}(?!\d)")


def port(value: str) -> int | None:
    """A port, or None for the default of the kind of connection."""
    return settings.number_up_to(65535)(value) if value.strip() else None


def host(value: str) -> str:
    """A host name or address, or nothing."""
    value = settings.word(value)
    # One colon would come before a port; an address of IPv6 has more.
    if not re.fullmatch(r"[\w.:-]*", value, re.ASCII) or value.count(":") == 1:
        raise ValueError("must be the name of a mail server, such as smtp.example.com")
    return value


def credential(value: str) -> str:
    """A line of ASCII, since smtplib sends nothing else."""
    if not value.isascii():
        raise ValueError("must only have characters of ASCII")
    return settings.text(value)


def sender(value: str) -> str:
    """A mailbox such as ``Example <no-reply@example.com>``, or nothing."""
    value = settings.text(value)
    if value:
        try:
            # More than one, or none, doesn't fit.
            ((name, spec),) = getaddresses([value])
            address(spec, name)
        except ValueError:
            raise ValueError(
                "must be an address, such as Example <no-reply@example.com>"
            ) from None
    return value


def address(spec: str, name: str = "") -> Address:
    """Return an address for a header; raise ValueError if it is invalid.

    The domain is converted to ASCII (RFC 5890). The local part stays as it is; if it
    isn't ASCII, the server must support SMTPUTF8 (RFC 6531).
    """
    local, _, domain = spec.rpartition("@")
    if not (spec + name).isprintable() or len(spec) > LONGEST_ADDRESS:
        raise ValueError("An address is one line of at most 254 characters.")
    try:
        ascii_domain = domain if domain.isascii() else idna.encode(domain).decode()
        found = Address(name, username=local, domain=ascii_domain)
        # That excludes quoted local parts, `"a b"@example.com`, which nobody uses.
        if not local or not ascii_domain or '"' in found.addr_spec:
            raise ValueError("An address has a name and a domain.")
    except (IndexError, MessageError, UnicodeError) as error:
        raise ValueError("An address has a name and a domain.") from error
    return found


def refuse_half(values: Mapping[str, object]) -> None:
    """Raise ConfigurationError if only some of the settings are given."""
    half = {
        "smtp_username": "smtp_password",
        "smtp_password": "smtp_username",
        "smtp_host": "mail_from",
    }
    for name, other in half.items():
        if values[f"apiserver.{name}"] and not values[f"apiserver.{other}"]:
            raise ConfigurationError(
                f"apiserver.{name} is set, but apiserver.{other} is missing: set it, "
                f"or APISERVER_{other.upper()}_FILE to a file that holds it."
            )
    if values["apiserver.smtp_username"] and not values["apiserver.smtp_host"]:
        raise ConfigurationError(
            "apiserver.smtp_username is set, but apiserver.smtp_host is missing: set "
            "it to the name of the mail server."
        )


def send(registry: Registry, message: EmailMessage) -> None:
    """Send a message; raise JobFailed, whose message contains no address."""
    with told(), connection(registry.settings) as server:
        server.send_message(message)


@contextmanager
def connection(values: Mapping[str, Any]) -> Iterator[smtplib.SMTP]:
    """Yield an authenticated connection to the server, with the configured security."""
    kind, host = values["apiserver.smtp_security"], values["apiserver.smtp_host"]
    # Given here, since smtplib would do a DNS lookup, which may be slow.
    own = urlsplit(values["apiserver.issuer"]).hostname
    about = (host, values["apiserver.smtp_port"] or PORTS[kind], own)
    timeout: int = values["apiserver.smtp_timeout"]
    # SSL_CERT_FILE can name the certificates of a private authority.
    trusted = ssl.create_default_context()
    server: smtplib.SMTP
    if kind == "tls":
        server = smtplib.SMTP_SSL(*about, timeout=timeout, context=trusted)
    else:
        server = smtplib.SMTP(*about, timeout=timeout)
    with server:
        if kind == "starttls":
            server.starttls(context=trusted)
        if values["apiserver.smtp_username"]:
            names = ("smtp_username", "smtp_password")
            server.login(*(values[f"apiserver.{name}"] for name in names))
        yield server


@contextmanager
def told() -> Iterator[None]:
    """Raise JobFailed if the server refuses something or can't be reached."""
    try:
        yield
    except (OSError, smtplib.SMTPException) as error:
        reason, retry = reason_of(error)
        raise JobFailed(reason, retry=retry) from None


def reason_of(error: OSError | smtplib.SMTPException) -> tuple[str, bool]:
    """Return a sentence without address or password, and whether to retry.

    The server's own text may contain both. Only a permanent refusal of a recipient or a
    message isn't retried: an operator can fix everything else.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            ((code, text),) = error.recipients.values()
            return refused("the recipient", code, text), code < PERMANENT
        case smtplib.SMTPResponseException():
            code, what = error.smtp_code, REFUSED.get(type(error), "to talk")
            is_final = code >= PERMANENT and isinstance(error, smtplib.SMTPDataError)
            return refused(what, code, error.smtp_error), not is_final
        case smtplib.SMTPNotSupportedError():
            return not_supported(str(error))
        case ssl.SSLCertVerificationError():
            wrong = error.verify_message
            return f"The mail server has no valid certificate: {wrong}.", True
        case _:
            return f"The mail server can't be reached: {short(error)}.", True


def not_supported(said: str) -> tuple[str, bool]:
    """Say what the server doesn't support, and whether to retry, as ``reason_of``."""
    if "SMTPUTF8" in said:
        return "The mail server takes only addresses in ASCII.", False
    lacking = "STARTTLS" if "STARTTLS" in said else "AUTH"
    return f"The mail server has no {lacking}: see apiserver.smtp_security.", True


def refused(what: str, code: int, text: bytes | str) -> str:
    """Say what is refused, with the reply code and, if there is one, the status."""
    said = text if isinstance(text, bytes) else text.encode()
    status = _STATUS.search(said)
    more = f" {status[0].decode()}" if status else ""
    return f"The mail server refuses {what}: {code}{more}."


def short(error: Exception) -> str:
    """Return the system's reason, or the type of the error."""
    # smtplib says of both that the server has closed the connection.
    if isinstance(error.__context__ or error, TimeoutError):
        return "it took too long"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it closed the connection"
    if isinstance(error, socket.gaierror):
        return "its name is unknown"
    return getattr(error, "strerror", None) or type(error).__name__


def includeme(config: Configurator) -> None:
    config.add_setting("smtp_host", host)
    config.add_setting("smtp_port", port)
    config.add_setting("smtp_security", settings.one_of(*PORTS), "starttls")
    config.add_setting("smtp_username", credential)
    config.add_setting("smtp_password", credential)
    config.add_setting("smtp_timeout", settings.seconds_up_to(100), "20")
    config.add_setting("mail_from", sender)
    refuse_half(config.registry.settings)
