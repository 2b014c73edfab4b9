"""What development keeps of mails, since nothing sends them."""

import logging
from email.message import EmailMessage

from sqlalchemy import delete, select

from apiserver.core.db import now
from apiserver.core.jobs import Run
from apiserver.mail.declared import Content
from apiserver.mail.models import ShownMail

log = logging.getLogger(__name__)

# The newest.
MOST = 100


def show(run: Run, message: EmailMessage, content: Content) -> None:
    """Keep a mail for the page ``/mail/``, and log it with its links.

    Only where it isn't sent, which production refuses: a link in it is a secret.
    """
    run.db.add(
        ShownMail(
            created=now(),
            sender=str(message["From"]),
            recipient=str(message["To"]),
            subject=content.subject,
            text=content.text,
            html=content.html,
            source=message.as_string(),
        )
    )
    run.db.flush()
    newest = select(ShownMail.id).order_by(ShownMail.id.desc()).limit(MOST)
    run.db.execute(delete(ShownMail).where(ShownMail.id.not_in(newest)))
    issuer: str = run.registry.settings["apiserver.issuer"]
    found = [word for word in content.text.split() if word.startswith(f"{issuer}/")]
    # Not the way home, which all of them have.
    links = " ".join(link for link in found if link != f"{issuer}/")
    log.info("Mail to %s: %s %s", message["To"], content.subject, links)
