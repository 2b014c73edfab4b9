"""Which fields and places the generator refuses, and what it makes of the others."""

import ast
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.feature.generating import Asked, prepared
from tasks.feature.kinds import KINDS
from tasks.feature.migration import bodies
from tasks.feature.names import BadName, Names
from tasks.feature.places import listed, places
from tasks.feature.reading import MOST, read
from tasks.feature.shape import Shape
from tests.settings import SHIPPED

EXAMPLE = (
    'name them as in --fields="number:text due_on:date? status:choice(open,paid)".'
)
WORDS = (
    "write kind:choice(open,paid): two to 50 different words of lowercase letters, "
    "digits and underscores, a letter first."
)
ITEMS = "text, email, url, choice, whole, number, decimal, moment, date, time, uuid."
# By what is wrong, the whole sentence or its beginning or end.
REFUSED = {
    # No fields.
    " ": f"' ' are no fields; {EXAMPLE}",
    "number": "The field 'number' has no type; write number:text, or another type, "
    "with no space in between.",
    "due_on:?": "The field 'due_on' has no type; write due_on:text, or",
    "?": f"'?' is no field; {EXAMPLE}",
    "number:text(": f"'number:text(' has half a pair of parentheses; {EXAMPLE}",
    "b:text " * (MOST + 1): f"{MOST + 1} fields are too many; name at most {MOST}.",
    # Names.
    ":text": f"':text' is no field; {EXAMPLE}",
    "1st:text": "'1st' is no name of a field; use lowercase letters, digits and single "
    "underscores, a letter first.",
    "a__b:text": "'a__b' is no name of a field;",
    "für:text": r"'f\xfcr' is no name of a field;",
    "class:text": "class is a Python keyword, and no name of a field; choose another "
    "name, for example gizmo_class.",
    f"{'x' * 41}:text": "is too long; use at most 40 characters.",
    # Types.
    "number:rainbow": "number has the unknown type 'rainbow'; use one of text, email,",
    "number:text(x)": "The field number can't be 'text(x)'; write number:text(50): at "
    "most so many characters, 2 to 10000.",
    "number:text(1)": "The field number can't be 'text(1)'; write number:text(50): at",
    f"number:text({'9' * 5000})": "; write number:text(50): at most so many characters",
    "number:text(1,2)?": "write number:text(50)?: at most so many characters, 2 to",
    "on:date(1)": "The field on can't be 'date(1)'; write on:date, without paren",
    "kind:choice": f"The field kind can't be 'choice'; {WORDS}",
    "kind:choice()": f"The field kind can't be 'choice()'; {WORDS}",
    "kind:choice(a)": WORDS,
    "kind:choice(a,a)": WORDS,
    "kind:choice(1,2)": WORDS,
    "kind:choice(a,b?)": WORDS,
    "sum:decimal(8)": "The field sum can't be 'decimal(8)'; write sum:decimal(12,2): "
    "how many digits, at most 18, and how many of them are behind the point.",
    "sum:decimal(19,2)": "write sum:decimal(12,2): how many digits, at most 18,",
    "sum:decimal(2,3)": "write sum:decimal(12,2): how many digits, at most 18,",
    "sum:whole(5)": "The field sum can't be 'whole(5)'; write sum:whole(0,100): the "
    "least number, and a greater one, within 1000000000000000 of zero.",
    "sum:whole(5,5)": "write sum:whole(0,100): the least number, and a greater one,",
    "link:url(7)": "write link:url(200): at most so many characters, 30 to 2000.",
    "data:json(7)": "write data:json(1000): at most so many bytes, 100 to 1000000.",
    "tags:list": "The field tags can't be 'list'; write tags:list(text), or of another "
    f"type: {ITEMS}",
    "tags:list(json)": "write tags:list(text), or of another type: text, email, url,",
    "tags:list(text?)": "write tags:list(text), or of another type: text, email, url,",
    "tags:list(decimal(8))": "write tags:list(decimal(12,2)): how many digits,",
    "tags:set(text(x))": "write tags:set(text(50)): at most so many characters,",
    "customer:ref": "The field customer can't refer to ''; write customer:ref(…) of "
    "one that is switched on: users, teams",
    "customer:ref(posts)": "The field customer can't refer to 'posts'; write customer:",
    # Names that mean something.
    "id:text": "Every gizmo has id anyway; leave it out, or choose another one.",
    "owner_id:whole": "Every gizmo has owner_id anyway; leave it out, or choose",
    "owner:ref(users)": "Every gizmo has owner_id anyway;",
    "created:date": "Every gizmo has created anyway; leave it out, or choose another "
    "one, for example gizmo_created.",
    "metadata:json": "The name metadata means something else in the feature; choose "
    "another one, for example gizmo_metadata.",
    "registry:text": "The name registry means something else",
    "gizmo:text": "The name gizmo means something else in the feature; choose ",
    "gizmos:text": "The name gizmos means something else",
    "sa:text": "The name sa means something else",
    "str:text": "The name str means something else",
    "patch:choice(a,b)": "GizmoPatch would have two meanings; choose another name",
    "a:text a:date": "Two fields would be called a; choose different names.",
    "limit:flag": "The list would have two parameters limit; choose another name than",
    "sort:choice(a,b)": "The list would have two parameters sort; choose another name",
    "due:date due_from:flag": "Two filters would be called due_from;",
}
# What is meant, where that can be told.
MEANT = {
    "number:string": "number:text",
    "number:varchar(20)": "number:text(20)",
    "number:txt": "number:text",
    "Number:Text": "number:text",
    "dueOn:datetime": "due_on:moment",
    "first-name:text": "first_name:text",
    "is_paid:boolean?": "is_paid:flag?",
    "due_on date": "due_on:date",
    "number text due_on date?": "number:text due_on:date?",
    "due_on: date": "due_on:date",
    "due_on :date": "due_on:date",
    "due_on::date": "due_on:date",
    "due_on:date:": "due_on:date",
    "due_on=date": "due_on:date",
    "due_on?:date": "due_on:date?",
    "due_on:date ?": "due_on:date?",
    "due_on:date??": "due_on:date?",
    "number:text,due_on:date": "number:text due_on:date",
    "number:text; due_on:date;": "number:text due_on:date",
    "'number:text'": "number:text",
    "kind:choice(open,Paid": "kind:choice(open,paid)",
    "kind:choice(open|paid)": "kind:choice(open,paid)",
    "kind:choice('open', 'not paid',)": "kind:choice(open, not_paid)",
    "sum:numeric(8,2)": "sum:decimal(8,2)",
    "tags:array(string)": "tags:list(text)",
    "customer:ref(user)": "customer:ref(users)",
    "customer:users": "customer:ref(users)",
}
PLACES = {
    "posts": "No feature that is switched on has objects at 'posts'; use one of users, "
    "teams",
    "me": "No feature that is switched on has objects at 'me';",
    "Team": "No feature that is switched on has objects at 'Team'; use teams.",
    "/teams/": "use teams.",
}
SENTENCE = re.compile(r"[^\n]+; (choose|leave|name|use|write) [^\n]+\.")


@pytest.fixture(scope="session")
def make(app):
    """A function that returns the files of gizmos, or why there can be none."""

    def make(fields="", below="", plural="gizmos"):
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
        assert SENTENCE.fullmatch(refused)

    @pytest.mark.parametrize("fields", MEANT)
    def test_says_what_is_meant(self, make, fields):
        refused = make(fields)
        assert refused.endswith(f'; write --fields="{MEANT[fields]}".')
        assert SENTENCE.fullmatch(refused)
        assert isinstance(make(MEANT[fields]), dict)

    @pytest.mark.parametrize("below", PLACES)
    def test_of_a_place(self, make, below):
        assert PLACES[below] in make(below=below)

    def test_of_a_name_in_the_place(self, make):
        refused = make("team:ref(teams)", "teams")
        assert "Every gizmo has team_id anyway; leave it out, or" in refused

    def test_of_an_index_that_is_too_long_for_postgresql(self, make):
        plural = "gizmo_subscription_plans"
        refused = make(f"{'x' * 30}:date", "teams", plural)
        assert "is longer than PostgreSQL's 63 bytes; choose a shorter" in refused
        assert isinstance(make("short:date", "teams", plural), dict)


@pytest.fixture(scope="module")
def known(database_url, make_app):
    """The places of an application with objects below others."""
    features = f"{SHIPPED} examples.projects"
    return places(make_app(database_url, features=features).registry)


class TestPlaces:
    @pytest.fixture
    def deep(self, known):
        """Attachments of projects that are below their team alone."""
        path = "/teams/{team_id}/projects/{project_id}/attachments/{attachment_id}"
        return replace(known["attachments"], path=path)

    def test_are_called_by_the_names_on_the_way(self, known):
        names = listed(known).split(", ")
        assert names[:3] == ["users", "teams", "projects"]
        assert "attachments" in names
        assert known["teams.projects"] is known["projects"]
        attachments = known["projects.attachments"]
        path = "/projects/{project_id}/attachments/{attachment_id}"
        assert (attachments.path, attachments.nearest) == (path, "project_id")

    def test_may_be_below_the_same_object(self, known, deep):
        """The tests then make what is referred to there."""
        names = Names.of("reviews")
        project = replace(known["projects"], path=deep.path.rpartition("/at")[0])
        fields = read("file:ref(files)?", names, {"files": deep}, project)
        assert Shape(names, fields, project).siblings == list(fields)
        elsewhere = read("file:ref(files)", names, {"files": deep}, None)
        assert Shape(names, elsewhere).siblings == []

    def test_are_refused_where_no_test_could_make_one(self, known, deep):
        sentence = r"to which file_id refers; write it by hand, as Reference\(Attach"
        with pytest.raises(BadName, match=sentence):
            read("file:ref(a)", Names.of("reviews"), {"a": deep}, known["teams"])

    def test_are_refused_where_the_path_is_too_long(self, deep):
        shape = Shape(Names.of("reviews"), (), deep)
        with pytest.raises(BadName, match="is longer than 74 characters; choose"):
            shape.check()


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
            assert SENTENCE.fullmatch(files)
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
