"""Addresses on the tree: ``/users/sign-ups``."""

from pyramid.authorization import Allow

from apiserver.addresses.permissions import AddressPermission
from apiserver.core.tree import ANYONE, Resource
from apiserver.users.permissions import UserPermission


class Confirmation(Resource):
    """What is done by whoever has got a link."""

    __acl__ = [(Allow, ANYONE, [AddressPermission.CONFIRM])]


class SignUps(Resource):
    """The sign-ups whose address is still to be confirmed."""

    __acl__ = [(Allow, ANYONE, [UserPermission.SIGN_UP])]
    children = {"confirmation": Confirmation}
