"""The jobs that mail links; each decides whether there is a link to mail."""

from apiserver.addresses import actions
from apiserver.addresses.models import AddressChange, AddressTakeBack, SignUp
from apiserver.core.db import now
from apiserver.core.jobs import Run, job
from apiserver.core.schemas import Id, Object
from apiserver.mail import ATTEMPTS, Link, link_to, send_mail
from apiserver.users.models import User


class SignUpPayload(Object):
    """Which sign-up a mail is about."""

    sign_up_id = Id()


@job(takes=SignUpPayload, attempts=ATTEMPTS)
def mail_sign_up(run: Run, *, sign_up_id: int) -> None:
    """Mail the link, or that the address already has an account."""
    row = run.db.get(SignUp, sign_up_id)
    if row is None or row.expires <= now():
        return
    owner = actions.owner_of(run.db, row.email)
    if owner is not None:
        login = link_to(run.registry, "/auth/login")
        values = {"username": owner.username, "link": login, "reset": reset(run)}
        send_mail(run, "sign_up_again", to=owner.email, values=values)
        return
    token = actions.give_link(row)
    link = link_to(run.registry, "/account/confirm", token=token)
    values = {"username": row.username, "link": link, "expires": row.expires}
    send_mail(run, "sign_up", to=row.email, values=values)


def reset(run: Run) -> Link | None:
    """Return the link to the page for lost passwords, if there is one."""
    if "password_resets" not in run.registry.features:
        return None
    return link_to(run.registry, "/account/lost-password")


class ChangePayload(Object):
    """Which change a mail is about."""

    change_id = Id()


@job(takes=ChangePayload, attempts=ATTEMPTS)
def mail_address_change(run: Run, *, change_id: int) -> None:
    """Mail the new address the link, or that it already has an account."""
    row = run.db.get(AddressChange, change_id)
    user = run.db.get(User, row.user_id) if row is not None else None
    if row is None or user is None or row.expires <= now():
        return
    if user.epoch != row.user_epoch:
        return
    owner = actions.owner_of(run.db, row.email)
    if owner is not None and owner.id != user.id:
        values = {
            "username": owner.username,
            "link": link_to(run.registry, "/auth/login"),
        }
        send_mail(run, "address_taken", to=owner.email, values=values)
        return
    token = actions.give_link(row)
    link = link_to(run.registry, "/account/confirm-address", token=token)
    values = {"username": user.username, "link": link, "expires": row.expires}
    send_mail(run, "address_change", to=row.email, values=values)


class TakeBackPayload(Object):
    """Which former address is notified."""

    take_back_id = Id()


@job(takes=TakeBackPayload, attempts=ATTEMPTS)
def mail_address_changed(run: Run, *, take_back_id: int) -> None:
    """Notify the old address, with the link that takes the change back."""
    row = run.db.get(AddressTakeBack, take_back_id)
    user = run.db.get(User, row.user_id) if row is not None else None
    if row is None or user is None or row.expires <= now():
        return
    token = actions.give_link(row)
    link = link_to(run.registry, "/account/take-back-address", token=token)
    values = {"username": user.username, "link": link, "expires": row.expires}
    send_mail(run, "address_changed", to=row.email, values=values)
