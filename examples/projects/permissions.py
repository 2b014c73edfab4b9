"""The permissions for projects. The roles are those of the team."""

from apiserver.core.tree import Permission


class ProjectPermission(Permission):
    """What may be done with projects."""

    LIST = ("project:list", "projects:read", "List the projects of a team.")
    LIST_OWN = ("project:list_own", "projects:read", "List the projects of your teams.")
    READ = ("project:read", "projects:read", "See a project.")
    HISTORY = ("project:history", "projects:read", "See who has changed a project.")
    CREATE = ("project:create", "projects:write", "Plan projects.")
    EDIT = ("project:edit", "projects:write", "Change a project, and who works on it.")
    ARCHIVE = ("project:archive", "projects:write", "Archive and restore a project.")
    REMINDERS = ("project:reminders", "projects:read", "See what you are reminded of.")
    DELETE = ("project:delete", "projects:write", "Delete a project.")
