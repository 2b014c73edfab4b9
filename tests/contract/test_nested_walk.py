"""The walk over a feature below another's, with kinds of endpoints of its own."""

import pytest

from tests.contract import errands
from tests.contract.places import Place
from tests.contract.predictions import is_on
from tests.contract.walk import Walk, deviations, deviations_of_mistakes
from tests.teams import places

ERRAND = "/teams/{team_id}/errands/{errand_id}"
BADGE = "/teams/{team_id}/badges/{badge_name}"
PATHS = {
    ERRAND: {"GET", "HEAD", "PUT"},
    "/teams/{team_id}/errands/bulk": {"POST"},
    BADGE: {"PUT"},
    "/teams/{team_id}/board": {"PUT"},
}


class WalkWithFewScopes(Walk):
    """Which scope it is, test_walk.py shows."""

    def sets_of_scopes(self, path, role):
        sets = super().sets_of_scopes(path, role).items()
        return {n: scopes for n, scopes in sets if not n.startswith("all but")}


def errand(db, caller, role):
    team = places.team(db, caller, role)
    made = errands.Errand(team_id=team.keys["team_id"], title="Buy milk")
    badge = errands.Badge(**team.keys, name=f"badge{team.keys['team_id']}", title="x")
    db.add_all([made, badge])
    db.commit()
    keys = {**team.keys, "errand_id": made.id, "badge_name": badge.name}
    return Place(keys, {role})


@pytest.fixture(scope="session")
def app(make_project_app):
    return make_project_app("tests.contract.errands")


@pytest.fixture
def walk(app, api, connection, db, kind, monkeypatch):
    api()
    errands.OwnBase.metadata.create_all(connection)
    made = dict.fromkeys((ERRAND, BADGE), errand)
    monkeypatch.setattr(places, "PLACES", {**places.PLACES, **made})
    monkeypatch.setattr("tests.contract.places.features_on", lambda path: ["teams"])
    return WalkWithFewScopes(app, connection, db, kind)


# The others are told apart at any path: test_walk.py.
@pytest.mark.parametrize("kind", ["anonymous", "regular"])
def test_finds_what_the_document_says(walk, kind):
    methods = walk.predictions.methods
    own = [p for p in walk.document["paths"] if any(is_on(e, p) for e in PATHS)]
    assert {path: {*methods(path)} - {"OPTIONS"} for path in own} == PATHS
    found = [
        deviation
        for path in PATHS
        for visit in walk.visits(path)
        for look in (deviations, deviations_of_mistakes)
        if look is deviations or visit.who.endswith(("all scopes", "token"))
        for deviation in look(walk, visit)
    ]
    assert found == [], "\n".join(["", *found])
