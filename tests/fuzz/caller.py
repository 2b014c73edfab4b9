"""A caller whose token lives, whatever the fuzzer does to his account."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from sqlalchemy.orm import Session

from apiserver.auth.models import OAuth2Client
from apiserver.users.models import User
from tests import factories
from tests.settings import EXAMPLES

# What the examples of the document give as the caller's own password.
PASSWORD = "q"
# The fuzzer sends this one; it is replaced by one that is valid at the time.
PLACEHOLDER = "Bearer the-token-of-the-caller"


def make_world(session: Session) -> dict[str, int]:
    """Make what the examples of the document are about; return the callers' ids."""
    digest = factories.HASHER.hash(PASSWORD)
    admin = factories.make_user(session, "admin", password_digest=digest)
    user = factories.make_user(session, password_digest=digest)
    team = factories.make_team(session, leaders=[user], members=[admin])
    if "examples.projects" in EXAMPLES:
        make_project(session, team, user)
    return {"admin": admin.id, "regular": user.id}


def make_project(session: Session, team: Any, user: User) -> None:
    """Make a project that has some of all that can be below it."""
    projects = import_module("tests.projects.factories")
    project = projects.make_project(session, team)
    projects.make_assignee(session, project, user)
    projects.make_attachment(session, project.id)
    projects.make_changes(session, project)
    projects.make_reminder(session, project, user)


class Caller:
    """WSGI middleware: gives requests with the placeholder a token of the account.

    Some requests end the caller's tokens, take his rights or change his password; he
    gets them back before the next one.
    """

    def __init__(self, app: Any, make_session: Callable[[], Session], user_id: int):
        self.app = app
        self.make_session = make_session
        self.user_id = user_id
        self.token = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ.get("HTTP_AUTHORIZATION") == PLACEHOLDER:
            self.token = self.token or self.sign_in()
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
            if environ["REQUEST_METHOD"] in {"PATCH", "DELETE"}:
                self.token = ""
        return self.app(environ, start_response)

    def sign_in(self) -> str:
        """Give the account back what it had, and return a new token."""
        scopes = self.app.registry.scopes
        with self.make_session() as session:
            user = session.get_one(User, self.user_id)
            user.is_active = user.is_regular_user = True
            user.is_admin = user.is_admin or self.user_id == 1
            user.password_digest = factories.HASHER.hash(PASSWORD)
            session.flush()
            client = session.get(OAuth2Client, self.user_id)
            return factories.make_token(session, user, scopes=scopes, client=client)
