"""What is left of an address once its account is deleted: nothing."""

from sqlalchemy import select

from apiserver.invitations.models import Invitation
from apiserver.users.events import AccountDeleting
from tests.invitations.factories import make_invitation


def test_goes_with_the_account(app, api, make_user, make_team, db):
    api()
    team = make_team(leaders=[make_user()])
    user = make_user(email="Gertrude@example.com")
    make_invitation(db, team, email=user.email)[0]
    other = make_invitation(db, team, email="other@example.com")[0]
    app.registry.notify(AccountDeleting(db, user))
    assert db.scalars(select(Invitation.id)).all() == [other.id]
