"""What `invoke --list` and `invoke --help` say."""

import pytest
from invoke.collection import Collection

import tasks
from apiserver.core.settings import words
from tasks.declaring import SHORT
from tests.commands.test_commands import MARKUP

NAMES = words(
    """
    app.boilerplates.crud-module
    app.check
    app.db.branches app.db.check app.db.current app.db.downgrade app.db.edit
    app.db.heads app.db.history app.db.init-development-data app.db.merge
    app.db.migrate app.db.revision app.db.show app.db.stamp app.db.upgrade
    app.dependencies.install
    app.env.enter
    app.run
    app.swagger.export
    app.users.create-oauth2-client app.users.create-user
    """
)
NAMESPACE = Collection.from_module(tasks)
TASKS = {name: NAMESPACE[name] for name in NAMESPACE.task_names}


class TestList:
    @pytest.mark.slow
    def test_holds_the_tasks(self, process):
        status, printed, _ = process("--list")
        assert status == 0
        listed = {line.split()[0] for line in printed.splitlines() if "app." in line}
        assert listed >= set(NAMES)


@pytest.mark.parametrize("name", TASKS)
class TestOptions:
    def test_have_short_names_only_as_said(self, name):
        """Invoke's own would be the first letters that are free: another in each."""
        arguments = TASKS[name].get_arguments()
        short = {each.name: set(each.names[1:]) for each in arguments}
        assert short == {each: set(SHORT.get(each, ())) for each in short}

    def test_are_explained(self, name):
        arguments = TASKS[name].get_arguments()
        assert [each.name for each in arguments if not each.help] == []


@pytest.mark.parametrize("name", TASKS)
def test_help_says_what_is_done_in_plain_text(invoke, name):
    status, printed, _ = invoke("--help", name)
    assert status == 0
    sentence = TASKS[name].__doc__.splitlines()[0]
    assert sentence.endswith(".")
    assert sentence.split()[0] in printed
    assert not MARKUP.search(printed)
    if any(each.name == "ini" for each in TASKS[name].get_arguments()):
        assert "-i STRING, --ini=STRING" in printed
    assert invoke(name, "--help") == (0, printed, "")


class TestWrongInput:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("app.fly",),
            ("app.run", "--wings", "2"),
            ("app.run", "--port"),
            ("app.users.create-user", "--username", "ada"),
            ("app.users.create-user", "ada"),
        ],
    )
    def test_is_refused_in_a_line(self, invoke, arguments):
        status, printed, error = invoke(*arguments)
        assert (status, printed) == (1, "")
        assert error.count("\n") == 1

    def test_options_that_are_missing_are_named(self, invoke):
        status, printed, error = invoke("app.users.create-user")
        assert (status, printed) == (1, "")
        sentence = "--username and --email must be given; see --help."
        assert error == f"{sentence}\n"
