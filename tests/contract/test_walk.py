"""One walk through all endpoints, as every kind of caller, predicted by the document.

It covers what the document has, so that a new feature is covered by itself; which
objects there are to go to, the feature's ``places.py`` says.
"""

import pytest

from tests.contract.walk import KINDS, deviations, deviations_of_mistakes, paths

rfc = pytest.mark.rfc

# Nobody, somebody, and who may most: that a right is asked for before the body is read
# doesn't depend on which right it is.
SEND_WRONG_BODIES = {"anonymous", "regular", "admin"}


@rfc("ASVS", "8.2.2", "L1", "nobody reaches the objects of others")
@rfc("9110", "9.3.7", "MUST", "OPTIONS names what the caller may, by this token")
@pytest.mark.parametrize("path", paths())
def test_finds_what_the_document_says(walk_as, path):
    found: list[str] = []
    for walk in map(walk_as, KINDS):
        for visit in walk.visits(path):
            found += deviations(walk, visit)
            has_all = visit.who.endswith(("all scopes", "token"))
            if has_all and walk.kind in SEND_WRONG_BODIES:
                found += deviations_of_mistakes(walk, visit)
    assert found == [], "\n".join(["", *found])
