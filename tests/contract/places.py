"""The objects that the walk goes to; each feature's tests say how theirs are made.

``tests/<feature>/places.py`` has ``PLACES``: for the path of each kind of object, a
function that makes one to which the caller is what a role says::

    PLACES = {"/notes/{note_id}": make_note}

    def make_note(db, caller, role):
        author = caller if role == "note:author" else make_user(db)
        note = ...
        return Place({"note_id": note.id}, {role})

``RULES`` names the fields of which no document can say which values are taken, each
with the rule: ``{"ends": "after starts"}``.

``caller`` is None where nobody has signed in, ``role`` is None for a stranger.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.contract.predictions import is_on
from tests.factories import make_user


class Place:
    """Where a request goes.

    ``keys`` are those of the path, ``roles`` the caller's at the objects on it, and
    ``values`` replace what the document gives as an example in a body, by their names.
    """

    def __init__(
        self,
        keys: dict[str, Any] | None = None,
        roles: Iterable[str | None] = (),
        **values: Any,
    ) -> None:
        self.keys = keys or {}
        self.roles = frozenset(role for role in roles if role is not None)
        self.values = values


MakePlace = Callable[[Any, Any, str | None], Place]


def of_account(path: str, make: Callable[[Any, Any], Any], **values: Any) -> Any:
    """Return the places of what users have, below ``/users/{user_id}`` and one's own.

    ``make`` makes it for a user, and returns the keys; whoever has signed in is himself
    at ``/users/me``.
    """

    def anybodys(db: Any, caller: Any, role: str | None) -> Place:
        user = caller if role == "user:self" else make_user(db)
        return Place({"user_id": user.id, **(make(db, user) or {})}, {role}, **values)

    def own(db: Any, caller: Any, role: str | None) -> Place:
        keys = make(db, caller or make_user(db)) or {}
        return Place(keys, {"user:self"} if caller else (), **values)

    return {f"/users/{{user_id}}{path}": anybodys, f"/users/me{path}": own}


def maker_of(path: str) -> MakePlace:
    """Return the function that makes the objects on a path.

    Any feature may say it, as one that hangs below another; those on the path do first.
    """
    known: dict[str, MakePlace] = {}
    for feature in (*features_with_places(), *features_on(path)):
        known |= places_of(feature)
    candidates = [place for place in known if is_on(place, path)]
    needed = path.rpartition("}")[0] + "}" if "{" in path else ""
    best = max(candidates, key=len, default="")
    if needed and not is_on(needed, best):
        raise LookupError(
            f"Nobody has said how to make an object for {path}: add a function for "
            f"{needed} to PLACES in tests/{features_on(path)[-1]}/places.py "
            "(tests/contract/places.py says how)."
        )
    return known[best] if best else lambda db, caller, role: Place()


def features_on(path: str) -> list[str]:
    """Return the features on a path: the first, and others that have tests."""
    first, *others = (name for name in path.split("/") if name and name[0] != "{")
    return [first, *(name for name in others if find_spec(f"tests.{name}"))]


@cache
def features_with_places() -> list[str]:
    """Return the names of the folders of tests that have places."""
    here = Path(__file__)
    files = here.parent.parent.glob("*/places.py")
    return sorted(file.parent.name for file in files if file != here)


def rules() -> dict[str, str]:
    """Return the rules of all features for single fields."""
    modules = (import_module(f"tests.{name}.places") for name in features_with_places())
    every = (getattr(module, "RULES", {}) for module in modules)
    return {name: rule for each in every for name, rule in each.items()}


def places_of(feature: str) -> dict[str, MakePlace]:
    """Return the places of a feature; none where it has not said any."""
    name = f"tests.{feature}.places"
    try:
        places: dict[str, MakePlace] = import_module(name).PLACES
    except ModuleNotFoundError as error:
        if error.name not in {name, f"tests.{feature}"}:
            raise
        return {}
    return places


def make_place(db: Any, path: str, caller: Any, role: str | None) -> Place:
    """Make the objects on a path; the caller has the role there."""
    place = maker_of(path)(db, caller, role)
    if role is not None and role not in place.roles:
        raise LookupError(
            f"tests/{features_on(path)[-1]}/places.py makes no object for {path} at "
            f"which the caller is {role}."
        )
    return place


def make_below(db: Any, path: str, model: Any, above: Mapping[str, Any]) -> int:
    """Make an object on a path, put it below those with the keys, and return its id."""
    key: int = make_place(db, path, None, None).keys[path.rpartition("{")[2][:-1]]
    row = db.get(model, key)
    for name, value in above.items():
        if hasattr(row, name):
            setattr(row, name, value)
    db.commit()
    return key
