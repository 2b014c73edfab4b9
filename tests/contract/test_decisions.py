"""Every operation that writes decides again: what was taken meanwhile isn't used.

The right is taken after the caller was let in, right before the first statement that
comes then. Which operations there are, and who may, the document says.
"""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, update

from apiserver.auth.models import OAuth2Client, OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import digest
from apiserver.core.db import now
from apiserver.users.models import User
from tests.contract.walk import Walk, body_of, paths, query_of
from tests.meanwhile import meanwhile

READS = {"GET", "HEAD", "OPTIONS"}
CALLERS = ("regular", "admin", "client")


def no_roles() -> Any:
    columns = ("is_regular_user", "is_admin", "is_internal")
    return update(User).values(dict.fromkeys(columns, False))


def of_client(**columns: Any) -> Any:
    return update(OAuth2Client).values(**columns)


# What is taken: from the account, its grant, the client; and what is answered then.
LOSSES: dict[str, tuple[Any, Any, int]] = {
    "the account is deactivated": (User, update(User).values(is_active=False), 401),
    "it is signed out": (User, update(User).values(epoch=User.epoch + 1), 401),
    "its roles are taken": (User, no_roles(), 403),
    "the grant is revoked": (
        OAuth2Grant,
        update(OAuth2Grant).values(revoked=now()),
        401,
    ),
    "the token is gone": (OAuth2Token, delete(OAuth2Token), 401),
    "the client is disabled": (OAuth2Client, of_client(enabled=False), 401),
    "the client ends": (OAuth2Client, of_client(epoch=OAuth2Client.epoch + 1), 401),
    "the client loses its scopes": (OAuth2Client, of_client(default_scopes=()), 403),
}


# Paths at which something can be written.
WRITTEN = [
    path
    for path, item in paths().items()
    if item.keys() - {"parameters", "get", "options"}
]


class WalkWithAllScopes(Walk):
    """Goes to each object once for each role that lets more, by a token for all."""

    def roles_at(self, path: str) -> list[str | None]:
        return super().roles_at(path) if self.kind == "regular" else [None]

    def sets_of_scopes(self, path: str, role: str | None) -> dict[str, frozenset[str]]:
        first = next(iter(super().sets_of_scopes(path, role).items()))
        return dict([first])


@pytest.fixture
def walk_as(app, api, connection, db):
    """A function that returns the walk of a kind of callers."""
    api()
    return partial(WalkWithAllScopes, app, connection, db)


def writes(walk, path):
    """Yield each operation that would succeed, and what it is predicted to answer."""
    for visit in filter(lambda visit: visit.exists, walk.visits(path)):
        for method in set(walk.predictions.methods(path)) - READS:
            status = walk.predictions.status(path, method, visit.caller, exists=True)
            if status < 300:
                yield visit, method, status


def take(walk, visit, loss):
    """Return the function that takes the right from the caller of a visit."""
    model, statement, _ = LOSSES[loss]
    token = walk.db.get(OAuth2Token, digest(visit.client.token))
    grant = walk.db.get(OAuth2Grant, token.grant_id)
    conditions = {
        User: User.id == grant.user_id,
        OAuth2Client: OAuth2Client.id == grant.client_id,
        OAuth2Grant: OAuth2Grant.id == grant.id,
        OAuth2Token: OAuth2Token.digest == token.digest,
    }
    taking = statement.where(conditions[model])
    return lambda: walk.connection.execute(taking)


def lookups(walk, visit):
    """Return how many statements let the caller in."""
    url = visit.client.prefix + visit.url
    with walk.undone(), meanwhile(walk.connection, 0, lambda: None) as executed:
        assert visit.client.call("OPTIONS", url).status_int == 204
    return len(executed)


def send(walk, visit, method, loss, number):
    """Send the request; right before the statement of the number the right is lost."""
    operation = walk.predictions.operation(visit.path, method)
    body = body_of(operation, visit.place)
    with meanwhile(walk.connection, number, take(walk, visit, loss)):
        return walk.send(visit, method, query_of(operation), **body)


def as_reader(caller):
    """Return the caller without a role that lets them write."""
    roles = caller.roles - {"role:admin", "role:internal"}
    return caller._replace(roles=roles, read_only=True)


def first_writes(walk_as, path):
    """Yield each operation by the first who may, and by a client."""
    users: dict[str, Any] = {}
    for kind in CALLERS:
        walk, known = walk_as(kind), {} if kind == "client" else users
        for visit, method, status in writes(walk, path):
            if method not in known:
                known[method] = visit
                yield walk, visit, method, status


@pytest.mark.parametrize("path", WRITTEN)
def test_no_write_is_by_a_right_that_is_lost(walk_as, path):
    for walk, visit, method, status in first_writes(walk_as, path):
        losses = [
            loss
            for loss in LOSSES
            if walk.kind != "client" or LOSSES[loss][0] is not User
        ]
        number = lookups(walk, visit) + 1
        is_for_all = (
            "system.Everyone" in (walk.predictions.operation(path, method)["x-roles"])
        )
        for loss in losses:
            expected = {LOSSES[loss][2]}
            if is_for_all and 403 in expected:
                # As anybody; or not, if the lost right was used.
                expected.add(status)
            elif loss == "its roles are taken":
                # Whoever may still read may leave, too.
                reader = as_reader(visit.caller)
                expected = {walk.predictions.status(path, method, reader, exists=True)}
            response = send(walk, visit, method, loss, number)
            assert response.status_int in expected, (loss, method, visit.who, path)
