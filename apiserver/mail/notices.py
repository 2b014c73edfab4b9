"""Notices of what has happened to an account, at its address of that moment.

::

    if config.uses_feature("mail"):
        config.add_mail("factor_added", "apiserver.factors:mails", is_bounded=False)

    registry.notify(SecurityChanged(db, user.id, "factor_added", "/account/factors"))
"""

from pyramid.config import Configurator
from sqlalchemy import delete

from apiserver.core.jobs import QueuedJob, Run, job, put
from apiserver.core.schemas import Id, Object, Opaque
from apiserver.mail.declared import link_to
from apiserver.mail.sending import ATTEMPTS, send_mail
from apiserver.users.events import AccountDeleting, SecurityChanged
from apiserver.users.models import User

LONGEST_EMAIL = 120
LONGEST_WORD = 200


class Notice(Object):
    """Whom a mail is for, and at which address; what it tells of."""

    user_id = Id()
    email = Opaque(1, LONGEST_EMAIL)
    mail = Opaque(1, LONGEST_WORD)
    page = Opaque(1, LONGEST_WORD)
    about = Opaque(0, LONGEST_WORD)


@job(takes=Notice, attempts=ATTEMPTS)
def mail_notice(
    run: Run, *, user_id: int, email: str, mail: str, page: str, about: str
) -> None:
    """Tell a user what has happened, and where to do something about it."""
    account = run.db.get(User, user_id)
    if account is None:
        return
    link = link_to(run.registry, page)
    values = {"username": account.username, "link": link, "about": about}
    send_mail(run, mail, to=email, values=values)


def forget_notices(event: AccountDeleting) -> None:
    """Delete notices that wait, which have the address of a deleted account."""
    beginning = f'{{"user_id":{event.user.id},'
    waiting = QueuedJob.payload.startswith(beginning, autoescape=True)
    mine = QueuedJob.name == mail_notice.name
    event.db.execute(delete(QueuedJob).where(mine, waiting))


def includeme(config: Configurator) -> None:
    mails = config.registry.mails

    def put_notice(event: SecurityChanged) -> None:
        """Let a user be told, if the feature that tells of it has declared the mail."""
        account = event.db.get(User, event.user_id)
        if account is None or event.mail not in mails:
            return
        values = {
            "user_id": account.id,
            "email": event.email or account.email,
            "mail": event.mail,
            "page": event.page,
            "about": event.about,
        }
        put(event.db, mail_notice, values)

    config.add_subscriber(put_notice, SecurityChanged)
    config.add_subscriber(forget_notices, AccountDeleting)
    config.scan(__name__)
