"""Which fields and places the generator refuses, and what it makes of the others."""

import ast
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.feature.fields import MOST
from tasks.feature.generating import Asked, prepared
from tasks.feature.kinds import KINDS
from tasks.feature.migration import bodies
from tasks.feature.names import BadName

EXAMPLE = (
    'name them as in --fields="number:text due_on:date? status:choice(open,paid)".'
)
REFUSED = {
    " ": "' ' are no fields; name them as in",
    "number": f"'number' is no field; {EXAMPLE}",
    "number:": "'number:' is no field;",
    "number:text(": "'number:text(' are no fields;",
    "number:text)": "'number:text)' are no fields;",
    "number:text??": "'number:text??' is no field;",
    ":text": "'' is no name of a field; use lowercase letters, digits and single",
    "Number:text": "'Number' is no name of a field;",
    "a__b:text": "'a__b' is no name of a field;",
    "für:text": r"'f\xfcr' is no name of a field;",
    "class:text": "'class' is no name of a field;",
    f"{'x' * 41}:text": "is too long; use at most 40 characters.",
    "number:varchar": "number has the unknown type 'varchar'; use one of text, email,",
    "number:text(x)": "The arguments of number:text don't fit; write numbers from 2 to",
    "number:text(1)": "write numbers from 2 to 10000.",
    f"number:text({'9' * 5000})": "write numbers from 2 to 10000.",
    "number:text(1,2)": "don't fit; write a number.",
    "on:date(1)": "The arguments of on:date don't fit; write none.",
    "kind:choice": "don't fit; write two to 50 different words.",
    "kind:choice(a)": "don't fit; write two to 50 different words.",
    "kind:choice(a,a)": "don't fit; write two to 50 different words.",
    "kind:choice(a,B)": "don't fit; write words of lowercase letters, digits and",
    "sum:decimal(19,2)": "write numbers from 0 to 18.",
    "sum:decimal(2,3)": "write the digits, 18 at most, and of these the places.",
    "sum:whole(5,5)": "write the least number and a greater one.",
    "tags:list": "The arguments of tags:list don't fit; write one of text, email,",
    "tags:list(json)": "don't fit; write one of text, email, url,",
    "tags:set(text(x))": "The arguments of tags:set don't fit; write numbers from 2",
    "customer:ref": "customer can't refer to ''; use one of users, teams.",
    "customer:ref(posts)": "customer can't refer to 'posts'; use one of users, teams.",
    "id:text": "The name id means something else in the feature; choose another",
    "owner_id:whole": "The name owner_id means something else",
    "owner:ref(users)": "The name owner_id means something else",
    "created:date": "The name created means something else",
    "metadata:json": "The name metadata means something else",
    "registry:text": "The name registry means something else",
    "invoice:text": "The name invoice means something else in the feature; choose "
    "another one, for example invoice_invoice.",
    "invoices:text": "The name invoices means something else",
    "sa:text": "The name sa means something else",
    "str:text": "The name str means something else",
    "patch:choice(a,b)": "InvoicePatch would have two meanings; choose another name",
    "a:text a:date": "Two fields would be called a; choose different names.",
    "limit:flag": "Two filters would be called limit; choose different names.",
    "sort:choice(a,b)": "Two filters would be called sort;",
    "due:date due_from:flag": "Two filters would be called due_from;",
    "b:text " * (MOST + 1): f"{MOST + 1} fields are too many; name at most {MOST}.",
}
BELOW = {
    "posts": "No feature that is switched on has objects at 'posts'; use one of users, "
    "teams.",
    "me": "No feature that is switched on has objects at 'me';",
}


@pytest.fixture(scope="session")
def make(app):
    """A function that returns the files of invoices, or why there can be none."""

    def make(fields="", below="", plural="invoices"):
        try:
            return prepared(Asked(plural, "", below, fields), app.registry)[1]
        except BadName as error:
            return str(error)

    return make


class TestRefusals:
    @pytest.mark.parametrize("fields", REFUSED)
    def test_of_fields(self, make, fields):
        refused = make(fields)
        assert REFUSED[fields] in refused
        assert re.fullmatch(r"[^\n]+; (choose|name|use|write) [^\n]+\.", refused)

    @pytest.mark.parametrize("below", BELOW)
    def test_of_a_place(self, make, below):
        assert BELOW[below] in make(below=below)

    def test_of_a_name_in_the_place(self, make):
        assert "The name team_id means something else" in make(
            "team:ref(teams)", "teams"
        )

    def test_of_an_index_that_is_too_long_for_postgresql(self, make):
        plural = "subscription_plan_prices"
        refused = make(f"{'x' * 30}:date", "teams", plural)
        assert "is longer than PostgreSQL's 63 bytes; choose a shorter" in refused
        assert isinstance(make("short:date", "teams", plural), dict)


NAMES = st.from_regex(r"[a-z]{1,8}(_[a-z0-9]{1,5})?", fullmatch=True)
TYPES = st.sampled_from(
    [
        *(name for name in KINDS if name != "choice"),
        *("text(20)", "url(100)", "whole(-3,7)", "decimal(5,0)", "json(1000)"),
        *("choice(open,paid)", "list(text)", "set(choice(a,b))", "list(decimal(9,4))"),
        *("ref(users)", "ref(teams)"),
    ]
)
FIELDS = st.lists(
    st.tuples(NAMES, TYPES, st.sampled_from(["", "?"])), min_size=1, max_size=6
)


@pytest.mark.slow
class TestAnyFields:
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(FIELDS, st.sampled_from(["", "users", "teams"]))
    def test_are_refused_or_compiled_and_migrated(self, make, fields, below):
        option = " ".join(f"{name}:{kind}{null}" for name, kind, null in fields)
        files = make(option, below)
        if isinstance(files, str):
            assert re.fullmatch(r"[^\n]+; (choose|name|use|write) [^\n]+\.", files)
            return
        for path, text in files.items():
            ast.parse(text, path)
        [models] = [t for path, t in files.items() if path.name == "models.py"]
        migration = bodies(models)
        for name, kind, _ in fields:
            column = f"{name.removesuffix('_id')}_id" if "ref" in kind else name
            assert f"'{column}'" in migration.upgrade
        ast.parse(f"def upgrade():\n    {migration.upgrade}")

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.text("ab_:(),? \n?x1é", max_size=25))
    def test_that_are_none_are_refused(self, make, text):
        refused = make(text)
        assert not text or isinstance(refused, str)
