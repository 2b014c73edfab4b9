"""Verified addresses: a link confirms them at sign-up and when they change."""

from pyramid.config import Configurator
from sqlalchemy import select

from apiserver.addresses.actions import forget_address
from apiserver.addresses.asking import tell_of_change
from apiserver.addresses.models import AddressChange, AddressTakeBack, SignUp
from apiserver.addresses.resources import Changes, OwnChanges, SignUps
from apiserver.core import settings
from apiserver.core.expiry import NOW
from apiserver.users.events import AccountDeleting, AddressChanged
from apiserver.users.personal_data import USER
from apiserver.users.resources import UserCollection, UserResource

MAILS = "apiserver.addresses:mails"


def includeme(config: Configurator) -> None:
    config.require_feature("users")
    config.require_feature("auth")
    config.require_feature("mail")
    config.add_setting("sign_up_lifetime", settings.seconds, "86400")
    config.add_setting("address_change_lifetime", settings.seconds, "86400")
    config.add_setting("address_take_back_lifetime", settings.seconds, "604800")
    config.add_node("sign-ups", SignUps, below=UserCollection)
    config.add_node("address-changes", Changes, below=UserCollection)
    config.add_node("address-changes", OwnChanges, below=UserResource)
    config.add_subscriber(tell_of_change, AddressChanged)
    config.add_subscriber(forget_address, AccountDeleting)
    for model in (SignUp, AddressChange, AddressTakeBack):
        config.add_expiring(model, model.expires < NOW)
    add_personal_data(config)
    config.add_mail("sign_up", MAILS)
    config.add_mail("sign_up_again", MAILS)
    for change in ("address_change", "address_taken"):
        config.add_mail(change, MAILS)
    for notice in ("address_changed", "address_replaced"):
        config.add_mail(notice, MAILS, is_bounded=False)
    config.scan(".views")
    config.scan(".jobs")
    config.include(".pages")


def add_personal_data(config: Configurator) -> None:
    wanted = select(AddressChange.email, AddressChange.created)
    own = wanted.where(AddressChange.user_id == USER)
    config.add_personal_data("address_changes", own, by=AddressChange.id)
    former = select(AddressTakeBack.email, AddressTakeBack.created)
    own = former.where(AddressTakeBack.user_id == USER)
    config.add_personal_data("former_addresses", own, by=AddressTakeBack.id)
