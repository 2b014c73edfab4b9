"""What is left of an address once its account is deleted: nothing."""

from sqlalchemy import select

from apiserver.addresses.models import SignUp
from apiserver.users.events import AccountDeleting
from tests.addresses.factories import make_sign_up


def test_goes_with_the_account(app, api, make_user, db):
    api()
    user = make_user(email="Gertrude@example.com")
    make_sign_up(db, email=user.email)[0]
    other = make_sign_up(db, email="other@example.com")[0]
    app.registry.notify(AccountDeleting(db, user))
    assert db.scalars(select(SignUp.id)).all() == [other.id]
