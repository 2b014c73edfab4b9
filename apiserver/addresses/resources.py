"""Addresses on the tree: ``/users/sign-ups``, ``/users/me/address-changes/``."""

from pyramid.authorization import Allow

from apiserver.addresses.permissions import AddressPermission
from apiserver.core.tree import ANYONE, Resource
from apiserver.users.permissions import SELF, UserPermission


class Confirmation(Resource):
    """Where the holder of a link confirms it."""

    __acl__ = [(Allow, ANYONE, [AddressPermission.CONFIRM])]


class SignUps(Resource):
    """The sign-ups whose address isn't confirmed yet."""

    __acl__ = [(Allow, ANYONE, [UserPermission.SIGN_UP])]
    children = {"confirmation": Confirmation}


class OwnChanges(Resource):
    """The changes of the caller's own address."""

    __acl__ = [(Allow, SELF, [AddressPermission.CHANGE])]


class Changes(Resource):
    """Any user's changes of addresses, as links act on them."""

    children = {"confirmation": Confirmation, "taking-back": Confirmation}
