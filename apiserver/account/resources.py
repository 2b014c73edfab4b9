"""Resources below an account: its events, its data, its deletion."""

from pyramid.authorization import Allow

from apiserver.account.permissions import AccountPermission
from apiserver.core.tree import Resource
from apiserver.users.permissions import SELF


class DeletionResource(Resource):
    """The scheduled deletion of the account above, if any."""

    __acl__ = [
        (Allow, SELF, [AccountPermission.READ_DELETION, AccountPermission.DELETE])
    ]


class EventsResource(Resource):
    """The account's events in the audit log."""

    __acl__ = [(Allow, SELF, [AccountPermission.READ_EVENTS])]


class DataResource(Resource):
    """Everything stored about the account above."""

    __acl__ = [(Allow, SELF, [AccountPermission.DOWNLOAD])]
