"""Addresses on the tree: ``/users/sign-ups``, ``/users/me/address-changes/``."""

from pyramid.authorization import Allow

from apiserver.addresses.permissions import AddressPermission
from apiserver.core.tree import ANYONE, Resource
from apiserver.users.permissions import SELF, UserPermission


class Confirmation(Resource):
    """What is done by whoever has got a link."""

    __acl__ = [(Allow, ANYONE, [AddressPermission.CONFIRM])]


class SignUps(Resource):
    """The sign-ups whose address is still to be confirmed."""

    __acl__ = [(Allow, ANYONE, [UserPermission.SIGN_UP])]
    children = {"confirmation": Confirmation}


class OwnChanges(Resource):
    """The changes of one's address."""

    __acl__ = [(Allow, SELF, [AddressPermission.CHANGE])]


class Changes(Resource):
    """What is done by links with the changes of addresses, whoever they are of."""

    children = {"confirmation": Confirmation, "taking-back": Confirmation}
