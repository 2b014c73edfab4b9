"""The mails: whoever makes a link decides whether there is one."""

from apiserver.addresses import actions
from apiserver.addresses.models import SignUp
from apiserver.core.db import now
from apiserver.core.jobs import Run, job
from apiserver.core.schemas import Id, Object
from apiserver.mail import ATTEMPTS, link_to, send_mail


class SignUpPayload(Object):
    """Which sign-up a mail is about."""

    sign_up_id = Id()


@job(takes=SignUpPayload, attempts=ATTEMPTS)
def mail_sign_up(run: Run, *, sign_up_id: int) -> None:
    """Mail the link, or that the address has an account already."""
    row = run.db.get(SignUp, sign_up_id)
    if row is None or row.expires <= now():
        return
    owner = actions.owner_of(run.db, row.email)
    if owner is not None:
        login = link_to(run.registry, "/auth/login")
        values = {"username": owner.username, "link": login}
        send_mail(run, "sign_up_again", to=owner.email, values=values)
        return
    token = actions.give_link(row)
    link = link_to(run.registry, "/account/confirm", token=token)
    values = {"username": row.username, "link": link, "expires": row.expires}
    send_mail(run, "sign_up", to=row.email, values=values)
