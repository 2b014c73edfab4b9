"""Link and unlink identities, for views and pages."""

from sqlalchemy import bindparam, delete, func, select, update

from apiserver.core.db import Session, UTCDateTime, constraints, now
from apiserver.core.http import Conflict
from apiserver.core.registry import Registry
from apiserver.core.typing import Row
from apiserver.providers.models import LinkedIdentity
from apiserver.providers.resources import SELECT
from apiserver.users.events import SecurityChanged
from apiserver.users.hashing import NO_PASSWORD
from apiserver.users.models import User

PAGE = "/account/providers"

OF_USER = SELECT.where(LinkedIdentity.user_id == bindparam("user_id")).order_by(
    LinkedIdentity.id
)
FIND = (
    select(LinkedIdentity.id, LinkedIdentity.user_id, User.epoch)
    .join(User, User.id == LinkedIdentity.user_id)
    .where(
        LinkedIdentity.issuer == bindparam("issuer"),
        LinkedIdentity.subject == bindparam("subject"),
    )
)
USE = (
    update(LinkedIdentity)
    .where(
        LinkedIdentity.id == bindparam("identity_id"),
        LinkedIdentity.user_id == bindparam("owner_id"),
    )
    .values(last_used=bindparam("now", type_=UTCDateTime))
    .execution_options(synchronize_session=False)
)
COUNT = (
    select(func.count(LinkedIdentity.id))
    .join(User, User.id == LinkedIdentity.user_id)
    .where(
        LinkedIdentity.user_id == bindparam("user_id"),
        User.password_digest == NO_PASSWORD,
    )
)
UNLINK = (
    delete(LinkedIdentity)
    .where(
        LinkedIdentity.user_id == bindparam("user_id"),
        LinkedIdentity.id == bindparam("identity_id"),
    )
    .returning(LinkedIdentity.issuer)
)


class IdentityTaken(Conflict):
    sentence = "This identity is linked to an account already."


class ProviderLinked(Conflict):
    sentence = "Another identity of this provider is linked to the account."


class OnlyWayIn(Conflict):
    """Without it nobody could sign in to the account."""

    sentence = (
        "The account has no password, so this is the only way to sign in. First set a "
        "password, by the link for a lost one."
    )


TAKEN = {
    "ix_linked_identity_issuer_subject": IdentityTaken,
    "ix_linked_identity_user_id_issuer": ProviderLinked,
}


def identities_of(db: Session, *, user_id: int) -> list[Row]:
    """Return the identities of a user."""
    return list(db.rows(OF_USER, {"user_id": user_id}))


def find_identity(db: Session, *, issuer: str, subject: str) -> Row:
    """Return id, user_id and the user's epoch of a linked identity, or None."""
    return db.row(FIND, {"issuer": issuer, "subject": subject})


def use_identity(db: Session, *, user_id: int, identity_id: int) -> bool:
    """Record that a locked user signs in with an identity; False if it isn't theirs."""
    parameters = {"owner_id": user_id, "identity_id": identity_id, "now": now()}
    return bool(db.run(USE, parameters))


def link_identity(
    db: Session, *, user_id: int, issuer: str, subject: str, name: str
) -> int:
    """Link an identity to a locked user; return its id.

    Raises IdentityTaken, ProviderLinked.
    """
    values = {"user_id": user_id, "issuer": issuer, "subject": subject, "name": name}
    with constraints(db, **TAKEN):
        return int(db.insert(LinkedIdentity, **values).id)


def unlink_identity(
    db: Session,
    registry: Registry,
    *,
    user_id: int,
    identity_id: int,
    by_user: bool,
) -> bool:
    """Unlink an identity of a locked user; return False if it isn't theirs.

    Raises OnlyWayIn if the user would lock themselves out.
    """
    if by_user and db.execute(COUNT, {"user_id": user_id}).scalar_one() == 1:
        raise OnlyWayIn
    unlinked = db.row(UNLINK, {"user_id": user_id, "identity_id": identity_id})
    if unlinked is None:
        return False
    tell(db, registry, user_id, "identity_unlinked", unlinked.issuer)
    return True


def tell(db: Session, registry: Registry, user_id: int, mail: str, issuer: str) -> None:
    """Let a user be told by mail at which provider they may sign in, or may not."""
    titles = {each.issuer: each.title for each in registry.providers}
    about = titles.get(issuer, issuer)
    registry.notify(SecurityChanged(db, user_id, mail, PAGE, about))
