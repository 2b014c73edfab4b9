"""A mail on its way: from a job to the server, or to the page of development."""

import logging
import secrets
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from apiserver.core.db import now
from apiserver.core.jobs import JobFailed, Run
from apiserver.core.registry import Registry
from apiserver.mail import smtp
from apiserver.mail.bounds import is_over
from apiserver.mail.declared import Content, Link, write
from apiserver.mail.shown import show

log = logging.getLogger(__name__)

# Of a job that sends a mail: for nine hours, so that a server may be mended meanwhile.
ATTEMPTS = 17
# Of development, where nothing says it.
NOBODY = "no-reply@localhost.localdomain"


def send_mail(
    run: Run,
    name: str,
    *,
    to: str,
    values: Mapping[str, Any] = {},
    stop: Link | None = None,
) -> bool:
    """Send a declared mail from a job, at least once; return whether it was sent.

    What the job has written so far is committed before (``run.commit_so_far``): then
    nothing is locked while the mail server is spoken to, and the digest of a token is
    stored before the token goes out. ``values`` are what its templates name; a link is
    made by ``link_to``. A notice needs the link by which its reader will ``stop`` them.

    Raises JobFailed where the server can't be reached, or refuses it; LookupError for
    a mail that isn't declared. A recipient who has got too many gets none: then nothing
    was committed, and the job can undo what it has written.
    """
    registry = run.registry
    mail = registry.mails[name]
    if mail.is_notice is not (stop is not None):
        raise TypeError(f"A notice needs a link to stop it, and only a notice: {name}.")
    recipient = recipient_of(to)
    if mail.is_bounded and is_over(run, recipient.addr_spec):
        log.warning("The mail %s was not sent: too many to its recipient.", name)
        return False
    run.commit_so_far()
    content = write(registry, mail, {**values, **({"stop": stop} if stop else {})})
    deliver(run, message_of(registry, recipient, content, stop), content)
    return True


def send_test(registry: Registry, to: str) -> None:
    """Send the mail that tries the settings, at once. Raises JobFailed."""
    content = write(registry, registry.mails["test"], {})
    smtp.send(registry, message_of(registry, recipient_of(to), content))


def recipient_of(to: str) -> Address:
    """Return the address for the header; raise JobFailed for what is none."""
    try:
        return smtp.address(to)
    except ValueError:
        raise JobFailed("The address can't be mailed to.", retry=False) from None


def deliver(run: Run, message: EmailMessage, content: Content) -> None:
    """Send a message; where development has no server, show it."""
    if run.registry.settings["apiserver.smtp_host"]:
        smtp.send(run.registry, message)
    else:
        show(run, message, content)


def message_of(
    registry: Registry, to: Address, content: Content, stop: str | None = None
) -> EmailMessage:
    """Return a mail as SMTP takes it: the text, and the same in HTML."""
    name, spec = parseaddr(registry.settings["apiserver.mail_from"] or NOBODY)
    sender = smtp.address(spec, name)
    message = EmailMessage(SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = content.subject
    message["Date"] = format_datetime(now())
    # Another with each attempt: it may hold another link, and is no copy.
    message["Message-ID"] = f"<{secrets.token_hex(16)}@{sender.domain}>"
    # No answers of those who are away (RFC 3834 section 5).
    message["Auto-Submitted"] = "auto-generated"
    if stop is not None:
        message["List-Unsubscribe"] = f"<{stop}>"
    message.set_content(content.text, cte="quoted-printable")
    message.add_alternative(content.html, subtype="html", cte="quoted-printable")
    return message
