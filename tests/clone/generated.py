"""What a copy of the project generates, by all means of the generator."""

import re

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
EVERY_TYPE = " ".join(
    f"its_{re.split('[(,)]', type_)[0]}:{type_}{'?' * (number % 2)}"
    for number, type_ in enumerate(TYPES)
)
# One below teams; one at the top that refers to it; one beside it that does.
WITH_FIELDS = {
    "contracts": ("--below=teams", f"--fields={EVERY_TYPE} customer:ref(users)"),
    "payments": (f"--fields={EVERY_TYPE} contract:ref(contracts)",),
    "shipments": (
        "--below=teams",
        "--fields=sent_on:date? contract:ref(teams.contracts)?",
    ),
}
GENERATED = (*PLAIN, *WITH_FIELDS)


def generate(copy: Copy) -> None:
    """Make features by the generator, which says how each is switched on."""
    words = [
        word
        for plural, singular in PLAIN.items()
        for word in (
            TASK,
            f"--module-name={plural}",
            *([f"--module-name-singular={singular}"] if singular else []),
        )
    ]
    assert switched_on(copy.run("invoke", *words)) == list(PLAIN)
    first, *others = WITH_FIELDS
    generate_with_fields(copy, first)
    copy.set("development", features=[SHIPPED, first])
    generate_with_fields(copy, *others)


def generate_with_fields(copy: Copy, *names: str) -> None:
    words = [
        word
        for name in names
        for word in (TASK, f"--module-name={name}", *WITH_FIELDS[name])
    ]
    assert switched_on(copy.run("invoke", *words)) == list(names)


def switched_on(printed: str) -> list[str]:
    """Return the features that the generator says to switch on."""
    line = rf"^ +apiserver\.features = {SHIPPED}(?: \w+)* (\w+)$"
    return re.findall(line, printed, re.MULTILINE)
