"""Permissions for an account as a whole."""

from apiserver.core.tree import Permission


class AccountPermission(Permission):
    """What may be done with one's whole account."""

    READ_EVENTS = (
        "account:read_events",
        "account:read",
        "See what was done by an account, and to it.",
    )
    DOWNLOAD = (
        "account:download",
        "account:read",
        "Download all that is stored about an account.",
    )
    READ_DELETION = (
        "account:read_deletion",
        "account:read",
        "See when an account will be deleted.",
    )
    DELETE = ("account:delete", "account:write", "Delete an account.")

    @property
    def writes(self) -> bool:
        # Who may change nothing may leave all the same.
        return super().writes and self is not AccountPermission.DELETE
