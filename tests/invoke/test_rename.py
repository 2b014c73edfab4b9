"""Another name for the project: where it stands, what is refused, what is swapped."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tasks import console
from tasks.app.rename import installer
from tasks.renaming import checks, files, wrapping
from tasks.renaming.names import LONGEST, Name, present
from tasks.renaming.places import found, replace
from tests.conftest import ROOT
from tests.markdown import as_shipped
from tests.tools import needs

TASK = "app.rename"
PRESENT = present(ROOT)

# Each in quotes of its own would mean something here already, and be changed on the way
# back. A clone may be called as the last, which is a word of the texts, too.
NAMES = "walrus, sea_cow, store, market"
WALRUS, SEA_COW, *WORDS = map(Name, NAMES.split(", "))
STORE = WORDS[WORDS[0] == PRESENT]

NOT_THE_NAME = {
    # The license asks for its notice to be kept.
    "LICENSE",
}


def texts():
    """Return the files of the project that are text."""
    pairs = ((path, files.text_of(ROOT / path)) for path in files.listed(ROOT))
    return {path: text for path, text in pairs if text}


def starts(matches):
    return {match.start() for match in matches}


class TestPlaces:
    @as_shipped
    def test_are_wherever_the_project_says_its_name(self):
        """Where one isn't, the name needs quotes, or the word isn't needed."""
        either = re.compile("|".join({PRESENT.plain, PRESENT.hyphen}), re.IGNORECASE)
        missed = [
            f"{path}:{text.count(chr(10), 0, place) + 1}"
            for path, text in texts().items()
            if str(path) not in NOT_THE_NAME
            for place in starts(either.finditer(text)) - starts(found(text, PRESENT))
        ]
        assert missed == []

    @pytest.mark.parametrize(
        ("text", "form"),
        [
            ("from ~.core import db", "plain"),
            ("import ~", "plain"),
            ("use = egg:~#waitress", "plain"),
            ("keys = root, ~, alembic", "plain"),
            (r"match=r'~\.size'", "plain"),
            ("/opt/~/.venv", "plain"),
            ("dist/~-*.tar.gz", "plain"),
            ("postgresql://~:secret@db/~", "plain"),
            ("`~ create-user`", "plain"),
            ("`~_events_total`", "plain"),
            ('name="~",', "hyphen"),
            ("image: ~:uwsgi", "hyphen"),
            ("start ~@5001", "hyphen"),
            ("~-client", "hyphen"),
            ("# via ~ (setup.py)", "hyphen"),
        ],
    )
    def test_have_each_its_form(self, text, form):
        renamed = text.replace("~", getattr(SEA_COW, form))
        assert replace(text.replace("~", STORE.plain), STORE, SEA_COW) == renamed

    def test_begin_variables_and_classes(self):
        text = f"{STORE.variable}_TITLE={STORE.camel}Client of {STORE.joined}client"
        renamed = (
            f"{WALRUS.variable}_TITLE={WALRUS.camel}Client of {WALRUS.joined}client"
        )
        assert replace(text, STORE, WALRUS) == renamed

    def test_are_wherever_a_module_uses_the_package(self):
        used = "import ~\n\nuse(~, [~], there=~)\n"
        other = "\n# To ~ it.\nself.~(~=1)\n".replace("~", WORDS[0].plain)
        text = used.replace("~", WORDS[0].plain) + other
        renamed = used.replace("~", WALRUS.plain) + other
        assert replace(text, WORDS[0], WALRUS) == renamed

    @pytest.mark.parametrize(
        "text",
        [
            "They store what they are given. To store:",
            "Cache-Control: no-store",
            "NO_STORE = 1",
            "self.store.get(1)",
            "the_store_id = bookstore.id",
            "def store(**column): return store",
            "restore/stores",
        ],
    )
    def test_are_no_other_words(self, text):
        assert replace(text, WORDS[0], WALRUS) == text

    def test_of_two_words_become_those_of_one(self):
        text = f"{SEA_COW.hyphen}-client from {SEA_COW.plain} import a"
        renamed = f"{WALRUS.hyphen}-client from {WALRUS.plain} import a"
        assert replace(text, SEA_COW, WALRUS) == renamed


class TestWrapping:
    def test_moves_what_is_too_much_to_the_next_line(self):
        line = "word " * 18 + "`some code`"
        text = f"{line}\nmore of it.\n\n- {line}\n- another\n"
        wrapped = wrapping.wrap(Path("a.md"), text, "")
        lines = [len(line) for line in wrapped.splitlines()]
        assert max(lines) <= wrapping.MARKDOWN_WIDTH
        assert "\n`some code` more of it.\n" in wrapped
        assert "\n  `some code`\n- another\n" in wrapped

    def test_leaves_code_and_tables(self):
        text = f"```\n{'code ' * 30}\n```\n| {'cell ' * 30} |\n"
        assert wrapping.wrap(Path("a.md"), text, "") == text

    def test_leaves_lines_that_are_as_they_were(self):
        text = f"{'word ' * 30}\n"
        assert wrapping.wrap(Path("a.md"), text, text) == text

    def test_is_about_comments_and_docstrings_of_python(self):
        long = "word " * 18 + "end."
        text = f'"""{long}"""\n\n# {long}\nVALUE = "{long}"\n'
        wrapped = wrapping.wrap(Path("a.py"), text, "")
        assert wrapped.splitlines()[1] == 'word end."""'
        assert "\n# word end.\n" in wrapped
        assert f'VALUE = "{long}"' in wrapped


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the project, as git has it."""
    folder = tmp_path_factory.mktemp("renamed") / "project"
    for path in files.listed(ROOT):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    commit(folder)
    return folder


@pytest.fixture
def project(copied, monkeypatch):
    """The copy, in which the task runs; it is put right afterwards."""
    monkeypatch.setattr(console, "ROOT", copied)
    yield copied
    git(copied, "reset", "--hard", "--quiet", "first")
    git(copied, "clean", "-d", "--force", "--quiet")


needs_git = needs("git")


def git(folder, *arguments):
    done = subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def commit(folder):
    person = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    git(folder, *person, "commit", "--quiet", "--all", "--message=Copy")
    git(folder, "tag", "--force", "first")


REFUSED = [
    *(
        (name, "can't be a name: use lowercase letters, digits and single")
        for name in ("", "1x", "Foo", "foo__bar", "_foo", "a b", "café", "../x", "a.b")
    ),
    ("x" * (LONGEST + 1), f"is too long: use at most {LONGEST} characters."),
    (PRESENT.plain, f"The project is already called {PRESENT.plain}."),
    (PRESENT.hyphen.upper(), "can't be a name"),
    ("class", "class is a Python keyword."),
    ("match", "match is a Python keyword."),
    ("list", "list is a Python keyword."),
    ("types", "types is a module of Python's standard library."),
    ("json", "json is a module of Python's standard library."),
    ("alembic", "alembic is the name of a package that the project uses."),
    ("pyramid_tm", "pyramid_tm is the name of a package that the project uses."),
    ("swagger-ui-py", "is the name of a package that the project uses."),
    ("pkg_resources", "is the name of a package that the project uses."),
    ("tests", "tests already exists."),
    ("migrations", "migrations already exists."),
    ("teams", f"{PRESENT.plain}/teams already exists."),
    ("plot", "benchmarks/plot.py already exists."),
    ("database", "benchmarks/database.py already exists."),
    ("projects", "examples/projects already exists."),
    ("value", "value is already a variable: tests/"),
    ("news", "Debian has a user news of its own."),
    ("sqlalchemy", "is the name of a package that the project uses."),
    ("settings", "settings already means something else: "),
]
# Names of modules, variables and things in texts, which are names of projects, too.
GOOD = (
    "shop blog events_api orders payments accounts people library tickets catalogue "
    "booking club documents notes search survey"
)


@needs_git
class TestRefusals:
    def test_of_names_change_nothing(self, project, invoke):
        for name, sentence in REFUSED:
            status, printed, error = invoke(TASK, f"--name={name}")
            assert (status, printed, error.count("\n")) == (1, "", 1), name
            assert sentence in error
        assert git(project, "status", "--porcelain", "--ignored") == ""

    @as_shipped
    def test_is_of_no_word_that_means_something_else(self):
        for name in GOOD.split():
            checks.check(ROOT, texts(), PRESENT, Name(name))

    def test_of_a_name_that_variables_have(self, project, invoke, monkeypatch):
        monkeypatch.setenv(f"{WALRUS.variable}_X", "1")
        status, _, error = invoke(TASK, f"--name={WALRUS.plain}")
        assert status == 1
        assert error.startswith(
            f"The environment has {WALRUS.variable}_X, which would be"
        )

    @pytest.mark.parametrize("title", ["a\nb", " a", "x" * 81])
    def test_of_a_title(self, project, invoke, title):
        status, _, error = invoke(TASK, f"--name={WALRUS.plain}", f"--title={title}")
        assert status == 1
        assert error.startswith("The title must be one line of at most 80 characters")

    @pytest.mark.parametrize("change", ["README.md", "new_file.txt"])
    def test_of_uncommitted_changes(self, project, invoke, change):
        with (project / change).open("a") as file:
            file.write("more")
        status, _, error = invoke(TASK, f"--name={WALRUS.plain}")
        assert status == 1
        assert error.startswith(f"There are uncommitted changes: {change}. Commit or")
        assert not (project / WALRUS.plain).exists()

    @pytest.mark.slow
    def test_of_code_that_ruff_cannot_read(self, project, invoke):
        module = project / PRESENT.plain / "broken.py"
        module.write_text(f"from {PRESENT.plain}.core import (\n")
        status, _, error = invoke(TASK, f"--name={WALRUS.plain}", "--force")
        assert status == 1
        assert "broken.py" in error
        assert git(project, "status", "--porcelain").split() == [
            "??",
            f"{PRESENT.plain}/broken.py",
        ]

    def test_of_a_project_without_a_name(self, project, invoke):
        (project / "setup.py").write_text("from setuptools import setup\n\nsetup()\n")
        assert invoke(TASK, f"--name={WALRUS.plain}", "--force") == (
            1,
            "",
            "setup.py names no project: setup(name=…) is missing.\n",
        )

    def test_where_git_is_broken(self, project, invoke):
        head = project / ".git/HEAD"
        head.rename(project / ".git/head")
        try:
            status, printed, error = invoke(TASK, f"--name={WALRUS.plain}")
        finally:
            (project / ".git/head").rename(head)
        assert (status, printed) == (1, "")
        assert error.startswith("git failed: fatal: not a git repository")

    @pytest.mark.slow
    def test_of_a_project_with_a_submodule(self, project, invoke):
        git(project, "init", "--quiet", "vendor")
        (project / "vendor/a").touch()
        git(project / "vendor", "add", "a")
        commit(project / "vendor")
        git(project, "-c", "advice.addEmbeddedRepo=false", "add", "vendor")
        status, printed, error = invoke(TASK, f"--name={WALRUS.plain}", "--force")
        shutil.rmtree(project / "vendor")
        assert (status, printed) == (1, "")
        assert error.startswith("Nothing was renamed: [Errno 21] Is a directory")
        assert git(project, "status", "--porcelain").split() == ["AD", "vendor"]


class TestInstaller:
    def test_is_pip_where_there_is_no_uv(self, monkeypatch, tmp_path):
        monkeypatch.setattr(console, "PROGRAMS", tmp_path)
        for command in installer():
            assert command[1:3] == ["-m", "pip"]
            done = subprocess.run([*command, "--help"], capture_output=True, check=True)  # noqa: S603
            assert b"Usage:" in done.stdout


@needs_git
class TestSwap:
    def test_is_of_all_files_or_none(self, project, tmp_path):
        """Half-way it meets a folder where a file has to go."""
        stage = tmp_path / "stage"
        new = Path(WALRUS.plain)
        moves = [(Path("README.md"), new / "a"), (Path("setup.py"), new / "b")]
        for _, path in moves:
            (stage / "new" / path).parent.mkdir(parents=True, exist_ok=True)
            (stage / "new" / path).touch()
        (project / new / "b/in_the_way").mkdir(parents=True)
        with pytest.raises(OSError, match=f"{new}/b"):
            files.swap(project, stage, moves)
        assert git(project, "status", "--porcelain") == ""
        assert [path.name for path in (project / new).iterdir()] == ["b"]


@pytest.mark.slow
@needs_git
class TestRename:
    def test_there_and_back_leaves_nothing_changed(self, project, invoke):
        """Through a name of two words, and one that is a word of the texts, too."""
        for name in (SEA_COW.plain, STORE.plain, PRESENT.plain):
            status, printed, error = invoke(TASK, f"--name={name}", "--force")
            assert (status, error) == (0, "")
            assert printed.splitlines()[0].split(":")[0].endswith(f"called {name}")
            assert present(project) == Name(name)
        assert git(project, "diff", "--stat", "HEAD") == ""
        assert git(project, "status", "--porcelain", "--ignored") == ""

    def test_takes_a_word_of_the_texts_that_is_shorter(self, project, invoke):
        status, printed, _ = invoke(TASK, "--name=survey")
        assert status == 0
        assert printed.splitlines()[1].startswith("survey also means something else in")
        ruff = [console.PROGRAMS / "ruff", "format", "--check", "."]
        assert subprocess.run(ruff, cwd=project, check=False).returncode == 0  # noqa: S603

    @as_shipped
    def test_leaves_the_old_name_nowhere(self, project, invoke):
        invoke(TASK, f"--name={WALRUS.hyphen}")
        old = re.compile("|".join({PRESENT.plain, PRESENT.hyphen}), re.IGNORECASE)
        paths = files.listed(project)
        named = {str(path) for path in paths if old.search(str(path))}
        named |= {
            str(path)
            for path in paths
            if old.search(files.text_of(project / path) or "")
        }
        assert named <= NOT_THE_NAME

    def test_needs_no_git_and_keeps_modes_and_settings(self, project, invoke):
        """Those of the machine, which git leaves alone."""
        (project / "local.ini").write_text(f"{PRESENT.plain}.signup = closed\n")
        (project / ".git").rename(project.parent / "git")
        try:
            status, _, error = invoke(TASK, f"--name={WALRUS.plain}")
            assert (status, error) == (0, "")
            assert (project / WALRUS.plain / "core").is_dir()
            assert not (project / PRESENT.plain).exists()
        finally:
            (project.parent / "git").rename(project / ".git")
        assert (
            project / "local.ini"
        ).read_text() == f"{WALRUS.plain}.signup = closed\n"
        assert (project / ".ci/run").stat().st_mode & 0o111
        (project / "local.ini").unlink()

    def test_takes_a_title(self, project, invoke):
        title = 'Shop "API" 100%'
        for each in ("Shop", title):
            name = f"--name={WALRUS.plain if each != title else STORE.plain}"
            assert invoke(TASK, name, f"--title={each}", "--force")[0] == 0
        for name in ("swagger", "openapi"):
            document = json.loads((project / f"docs/{name}.json").read_text("utf-8"))
            assert document["info"]["title"] == title
        for name in ("development", "production"):
            ini = (project / f"{name}.ini").read_text("utf-8")
            assert re.findall(r"(?m)^.*title =.*$", ini) == [
                f'{STORE.plain}.title = Shop "API" 100%%'
            ]
