"""What is below an account: its events, its data, its deletion."""

from pyramid.authorization import Allow

from apiserver.account.permissions import AccountPermission
from apiserver.core.tree import Resource
from apiserver.users.permissions import SELF


class DeletionResource(Resource):
    """The deletion of the account above, if it is to be deleted."""

    __acl__ = [
        (Allow, SELF, [AccountPermission.READ_DELETION, AccountPermission.DELETE])
    ]


class EventsResource(Resource):
    """What the audit log has of the account above."""

    __acl__ = [(Allow, SELF, [AccountPermission.READ_EVENTS])]


class DataResource(Resource):
    """All that is stored about the account above."""

    __acl__ = [(Allow, SELF, [AccountPermission.DOWNLOAD])]
