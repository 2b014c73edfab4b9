"""What deletes a user at once."""

import pytest
from sqlalchemy import select

from apiserver.core.jobs import QueuedJob
from apiserver.users.models import User
from tests.events import event, stored_events
from tests.factories import make_team, make_user

INI = ("-i", "testing.ini")


@pytest.fixture
def ada(db):
    return make_user(db, username="Ada")


def test_deletes_a_user(command, ada, db):
    db.close()
    done = command("delete-user", *INI, "--username", "ADA")
    said = "User Ada is deleted. A worker erases what the audit log has of them.\n"
    assert done == (0, said, "")
    assert db.scalars(select(User)).all() == []
    names = db.scalars(select(QueuedJob.name).order_by(QueuedJob.id)).all()
    assert names == ["erase_account", "erase_account"]
    assert stored_events(db) == [event("user_deleted", target=f"user:{ada.id}")]


def test_says_what_is_in_the_way(command, ada, db):
    team_id = make_team(db, leaders=[ada]).id
    db.close()
    status, _, error = command("delete-user", *INI, "--username", "ada")
    assert (status, f"a leader who can act: {team_id}." in error) == (1, True)
    assert db.scalars(select(User.username)).all() == ["Ada"]


def test_of_nobody_is_refused(command):
    done = command("delete-user", *INI, "--username", "grace")
    assert done == (1, "", "There is no user grace.\n")
