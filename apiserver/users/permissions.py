"""What may be done with accounts, and the role that an account has towards itself."""

from apiserver.core.tree import Permission, Role

SELF = Role("user:self", "the user itself")


class UserPermission(Permission):
    """What may be done with accounts."""

    LIST = ("user:list", "users:read", "List users.")
    READ = ("user:read", "users:read", "See a user's details.")
    EDIT = ("user:edit", "users:write", "Change a user's details.")
    GRANT = ("user:grant", "users:write", "Activate users and change their roles.")
    CREATE = ("user:create", "users:write", "Create users without a captcha.")
    SIGN_UP = ("user:sign_up", None, "Sign up as a new user.")
