"""What may be done about lost passwords."""

from apiserver.core.tree import Permission


class PasswordResetPermission(Permission):
    """What may be done about lost passwords."""

    ASK = ("password_reset:ask", None, "Ask for a link that sets a new password.")
    USE = ("password_reset:use", None, "Set a new password by such a link.")
    SEND = (
        "password_reset:send",
        "users:write",
        "Mail a user a link that sets a new password.",
    )
