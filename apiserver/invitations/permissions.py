"""What may be done with invitations."""

from apiserver.core.tree import Permission


class InvitationPermission(Permission):
    """What may be done with invitations to a team."""

    LIST = ("invitation:list", "invitations:read", "See the invitations to a team.")
    CREATE = (
        "invitation:create",
        "invitations:write",
        "Invite somebody to a team, resend the mail.",
    )
    REVOKE = ("invitation:revoke", "invitations:write", "Revoke an invitation.")
    ACCEPT = ("invitation:accept", "invitations:write", "Accept an invitation.")
    SIGN_UP = ("invitation:sign_up", None, "Sign up by an invitation.")
