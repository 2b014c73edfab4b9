"""Mails about the deletion of an account, if the feature ``mail`` is enabled."""

from pyramid.config import Configurator

from apiserver.account.actions import deletion_of
from apiserver.account.schemas import AccountPayload
from apiserver.core.jobs import Run, job
from apiserver.mail import ATTEMPTS, link_to, send_mail
from apiserver.users.models import User

MAILS = "apiserver.account:mails"


@job(takes=AccountPayload, attempts=ATTEMPTS)
def mail_deletion_requested(run: Run, *, user_id: int) -> None:
    """Tell the user when the account will be deleted, unless that was cancelled."""
    deletion = deletion_of(run.db, user_id)
    if deletion is not None:
        notify(run, "deletion_requested", user_id, due=deletion.due)


@job(takes=AccountPayload, attempts=ATTEMPTS)
def mail_deletion_cancelled(run: Run, *, user_id: int) -> None:
    """Tell the user that the account is kept."""
    notify(run, "deletion_cancelled", user_id)


@job(takes=AccountPayload, attempts=ATTEMPTS)
def mail_deletion_refused(run: Run, *, user_id: int) -> None:
    """Tell the user that the account could not be deleted."""
    notify(run, "deletion_refused", user_id)


def notify(run: Run, name: str, user_id: int, **values: object) -> None:
    user = run.db.get(User, user_id)
    if user is not None:
        link = link_to(run.registry, "/account/delete")
        values = {"username": user.username, "link": link, **values}
        send_mail(run, name, to=user.email, values=values)


def includeme(config: Configurator) -> None:
    for name in ("deletion_requested", "deletion_cancelled", "deletion_refused"):
        config.add_mail(name, MAILS, is_bounded=False)
    config.scan(__name__)
