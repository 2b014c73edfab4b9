"""Mail: declared by features, sent by their jobs, over SMTP.

::

    config.add_mail("invitation", "apiserver.invitations:mails")

    @job(takes=Invitation, attempts=ATTEMPTS)
    def invite(run: Run, *, invitation_id: int) -> None:
        ...
        link = link_to(run.registry, "/invitations/", token=token)
        send_mail(run, "invitation", to=row.email, values={"link": link})
"""

from pyramid.config import Configurator

from apiserver.core import settings
from apiserver.core.expiry import NOW
from apiserver.core.settings import urls
from apiserver.mail.bounds import limit_mails
from apiserver.mail.declared import Link, LinkInvalid, link_to
from apiserver.mail.models import MailCounter
from apiserver.mail.sending import ATTEMPTS, send_mail, send_test

__all__ = [
    "ATTEMPTS",
    "Link",
    "LinkInvalid",
    "limit_mails",
    "link_to",
    "send_mail",
    "send_test",
]


def includeme(config: Configurator) -> None:
    config.require_feature("users", included=False)
    config.add_setting("production", settings.boolean, "true")
    # Every link begins with the issuer.
    config.add_setting("issuer", urls.issuer, None)
    config.include(".smtp")
    config.include(".declared")
    config.include(".bounds")
    config.include(".notices")
    config.add_expiring(MailCounter, MailCounter.expires < NOW)
    values = config.registry.settings
    if not values["apiserver.production"] and not values["apiserver.smtp_host"]:
        config.include(".showing")
