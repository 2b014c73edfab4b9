"""The permissions for teams, and the local roles."""

from apiserver.core.tree import Permission, Role

LEADER = Role("team:leader", "leaders of the team")
MEMBER = Role("team:member", "members of the team")
SELF = Role("member:self", "the member itself")


class TeamPermission(Permission):
    """What may be done with teams."""

    LIST = ("team:list", "teams:read", "List teams.")
    CREATE = ("team:create", "teams:write", "Create a team.")
    READ = ("team:read", "teams:read", "See a team and its members.")
    EDIT = ("team:edit", "teams:write", "Rename a team, change its members.")
    DELETE = ("team:delete", "teams:write", "Delete a team.")
    REMOVE_MEMBER = ("team:remove_member", "teams:write", "Remove a member.")
