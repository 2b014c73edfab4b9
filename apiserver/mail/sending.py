"""Send mails from jobs: to the mail server, or to the page of development."""

import logging
import secrets
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from apiserver.core.db import now
from apiserver.core.jobs import JobFailed, Run
from apiserver.core.registry import Registry
from apiserver.mail import smtp
from apiserver.mail.bounds import is_over
from apiserver.mail.declared import Content, Link, write
from apiserver.mail.shown import show

log = logging.getLogger(__name__)

# Attempts of a job that sends mail: they last nine hours, enough to fix a server.
ATTEMPTS = 17
# The sender in development, if none is configured.
NOBODY = "no-reply@localhost.localdomain"


def send_mail(
    run: Run,
    name: str,
    *,
    to: str,
    values: Mapping[str, object] = {},
    stop: Link | None = None,
) -> bool:
    """Send a declared mail from a job, at least once; return whether it was sent.

    It first commits what the job has written so far (``run.commit_so_far``), so that
    nothing is locked while it talks to the mail server, and a token's digest is stored
    before the token is sent. ``values`` are the variables of the templates; make links
    with ``link_to``. A notice needs ``stop``, the link for unsubscribing.

    Raises JobFailed if the server can't be reached or refuses the mail, and LookupError
    if the mail isn't declared. A recipient who has got too many gets none: then nothing
    has been committed, and the job can undo what it has written.
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
    """Send the test mail at once. Raises JobFailed."""
    content = write(registry, registry.mails["test"], {})
    smtp.send(registry, message_of(registry, recipient_of(to), content))


def recipient_of(to: str) -> Address:
    """Return the address for the header; raise JobFailed if it is invalid."""
    try:
        return smtp.address(to)
    except ValueError:
        raise JobFailed("The address can't be mailed to.", retry=False) from None


def deliver(run: Run, message: EmailMessage, content: Content) -> None:
    """Send a message, or show it if development has no mail server."""
    if run.registry.settings["apiserver.smtp_host"]:
        smtp.send(run.registry, message)
    else:
        show(run, message, content)


def message_of(
    registry: Registry, to: Address, content: Content, stop: str | None = None
) -> EmailMessage:
    """Return a mail as a message, with alternatives in text and HTML."""
    name, spec = parseaddr(registry.settings["apiserver.mail_from"] or NOBODY)
    sender = smtp.address(spec, name)
    message = EmailMessage(SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = content.subject
    message["Date"] = format_datetime(now())
    # A new one for each attempt: its link may differ, so it isn't a duplicate.
    message["Message-ID"] = f"<{secrets.token_hex(16)}@{sender.domain}>"
    # Prevents out-of-office replies (RFC 3834 section 5).
    message["Auto-Submitted"] = "auto-generated"
    if stop is not None:
        message["List-Unsubscribe"] = f"<{stop}>"
    message.set_content(content.text, cte="quoted-printable")
    message.add_alternative(content.html, subtype="html", cte="quoted-printable")
    return message
