"""The objects that the walk goes to: what is said where one is missing."""

import pytest

from tests.contract.places import Place, make_place, maker_of


class TestMaker:
    def test_is_that_of_the_last_object_on_the_path(self):
        assert maker_of("/teams/{team_id}/members/").__name__ == "team"
        assert maker_of("/teams/{team_id}/members/{user_id}").__name__ == "member"
        assert maker_of("/users/me").__name__ == "own_account"

    def test_is_not_needed_where_no_object_is(self):
        assert maker_of("/unknown_things/")(None, None, None).keys == {}

    def test_that_is_missing_is_asked_for(self):
        with pytest.raises(LookupError) as raised:
            maker_of("/teams/{team_id}/logos/{logo_id}/")
        assert str(raised.value) == (
            "Nobody has said how to make an object for "
            "/teams/{team_id}/logos/{logo_id}/: add a function for "
            "/teams/{team_id}/logos/{logo_id} to PLACES in tests/teams/places.py "
            "(tests/contract/places.py says how)."
        )

    def test_is_that_of_a_feature_below_another(self, monkeypatch):
        path = "/teams/{team_id}/users/{user_id}"
        with pytest.raises(LookupError, match=r"PLACES in tests/users/places\.py"):
            maker_of(path)
        monkeypatch.setattr("tests.users.places.PLACES", {path: nothing})
        assert maker_of(path) is nothing
        assert maker_of("/teams/{team_id}/members/").__name__ == "team"

    def test_must_know_the_role(self, monkeypatch):
        monkeypatch.setattr("tests.teams.places.PLACES", {"/teams/{team_id}": nothing})
        with pytest.raises(LookupError) as raised:
            make_place(None, "/teams/{team_id}", None, "team:leader")
        assert str(raised.value) == (
            "tests/teams/places.py makes no object for /teams/{team_id} at which the "
            "caller is team:leader."
        )


def nothing(db, caller, role):
    return Place({"team_id": 1})
