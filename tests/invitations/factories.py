"""Makes invitations for tests."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from apiserver.auth.tokens import LINK, digest, make_token
from apiserver.core.db import now
from apiserver.invitations.models import Invitation
from apiserver.users.names import canonical_address

_numbers = count(1)


def make_invitation(db: Session, team: Any, **columns: Any) -> tuple[Invitation, str]:
    """Make an invitation that was mailed; return its row, and the token of the link."""
    token = make_token(LINK)
    values = {
        "team_id": team.id,
        "email": f"invited{next(_numbers)}@example.com",
        "digest": digest(token),
        "expires": now() + timedelta(days=7),
        **columns,
    }
    row = Invitation(canonical_email=canonical_address(values["email"]), **values)
    db.add(row)
    db.commit()
    return row, token
