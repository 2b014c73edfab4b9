"""What a copy of the project generates, by all means of the generator."""

import re
from collections.abc import Mapping, Sequence

from tasks.feature.arguments import FORMS
from tasks.feature.kinds import KINDS
from tests.clone.copies import Copy
from tests.settings import SHIPPED

TASK = "app.boilerplates.crud-module"
# Words that SQL reserves, two words, an irregular plural, the longest that may be, and
# names that features' code, their tests or pytest could take for something else; with
# the singulars of those that don't say them.
PLAIN = {
    "groups": "",
    "blog_posts": "blog_post",
    "people": "",
    "subscription_plan_prices": "",
    "items": "",
    "properties": "",
    "test_cases": "",
    "commits": "",
    "indexes": "",
    "buyers": "owner",
}
# A field of each type; every other one may be null.
TYPES = [*(FORMS.get(kind, (kind,))[0] for kind in KINDS), "list(text)", "set(date)"]
FIELDS = [
    f"its_{re.split('[(,)]', type_)[0]}:{type_}{'?' * (number % 2)}"
    for number, type_ in enumerate(TYPES)
]
HALF = len(FIELDS) // 2
# One below teams; one at the top that refers to it; one beside it that does. The first
# two share the types.
WITH_FIELDS = {
    "contracts": (
        "--below=teams",
        f"--fields={' '.join(FIELDS[:HALF])} customer:ref(users)",
    ),
    "payments": (f"--fields={' '.join(FIELDS[HALF:])} contract:ref(contracts)",),
    "shipments": (
        "--below=teams",
        "--fields=sent_on:date? contract:ref(teams.contracts)?",
    ),
}
GENERATED = (*PLAIN, *WITH_FIELDS)


def generate(copy: Copy) -> None:
    """Make features by the generator, which says how each is switched on."""
    options = {
        plural: (f"--module-name-singular={singular}",) if singular else ()
        for plural, singular in PLAIN.items()
    }
    first, *others = WITH_FIELDS
    run(copy, {**options, first: WITH_FIELDS[first]})
    copy.set("development", features=[SHIPPED, first])
    run(copy, {name: WITH_FIELDS[name] for name in others})


def run(copy: Copy, options: Mapping[str, Sequence[str]]) -> None:
    """Make the features of these names, each with its options, by one command."""
    words = [
        word
        for name, given in options.items()
        for word in (TASK, f"--module-name={name}", *given)
    ]
    assert switched_on(copy.run("invoke", *words)) == list(options)


def switched_on(printed: str) -> list[str]:
    """Return the features that the generator says to switch on."""
    line = rf"^ +apiserver\.features = {SHIPPED}(?: \w+)* (\w+)$"
    return re.findall(line, printed, re.MULTILINE)
