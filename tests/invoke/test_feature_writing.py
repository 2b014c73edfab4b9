"""The generator of features writes all files of a feature, or none."""

import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from tasks import console
from tasks.feature import writing
from tasks.feature.names import LONGEST
from tests.conftest import INI, ROOT

TASK = "app.boilerplates.crud-module"
UNREACHABLE = "postgresql://nobody:secret@127.0.0.1:1/none"


def snapshot(root):
    """Return the text of each file, and each folder."""
    return {
        path: path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
        if "__pycache__" not in path.parts
    }


@pytest.fixture
def root(tmp_path, monkeypatch):
    """The parts of a project that the generator looks at, in a folder of their own."""
    root = tmp_path / "a project"
    ignored = shutil.ignore_patterns("__pycache__", "tests")
    for name in ("apiserver", "migrations"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    (root / "tests" / "contract").mkdir(parents=True)
    tests = (*ROOT.glob("tests/*.py"), *ROOT.glob("tests/contract/*.py"))
    for path in (*tests, ROOT / "pyproject.toml", INI):
        shutil.copy(path, root / path.relative_to(ROOT))
    monkeypatch.setattr(console, "ROOT", root)
    return root


@pytest.fixture
def generate(root, invoke, monkeypatch):
    """A function that makes posts, and returns status, output and errors."""

    def generate(plural="posts", singular="", *more, url=UNREACHABLE):
        monkeypatch.setenv("DATABASE_URL", url)
        name = [f"--module-name={plural}"]
        if singular:
            name.append(f"--module-name-singular={singular}")
        return invoke(TASK, *name, *more, f"--ini={root}/testing.ini")

    return generate


class TestFeature:
    def test_needs_no_database(self, root, generate, tmp_path):
        before = snapshot(root)
        status, printed, error = generate(url=f"sqlite:///{tmp_path}/new.db")
        assert not (tmp_path / "new.db").exists()
        assert (status, error) == (0, "")
        paths = printed.partition("\n\n")[0].splitlines()
        new = snapshot(root).keys() - before.keys()
        assert {root / path for path in paths} == {p for p in new if p.is_file()}
        assert len(paths) == 13

    def test_leaves_the_database_alone(self, root, generate, tmp_path):
        database = tmp_path / "database.db"
        with closing(sqlite3.connect(database)) as connection:
            connection.executescript(
                "CREATE TABLE alembic_version (version_num VARCHAR(32));"
                "INSERT INTO alembic_version VALUES ('of another code');"
            )
        before = database.read_bytes()
        assert generate(url=f"sqlite:///{database}")[0] == 0
        assert database.read_bytes() == before

    def test_may_be_where_python_has_left_a_folder(self, root, generate):
        left = root / "apiserver" / "posts" / "__pycache__" / "models.pyc"
        left.parent.mkdir(parents=True)
        left.touch()
        assert generate()[0] == 0
        assert (root / "apiserver" / "posts" / "models.py").exists()

    def test_has_the_format_and_the_style_of_the_project(self, root, generate):
        longest = ("gizmo_subscription_plans", "gizmo_subscription_piece")
        assert {len(name) for name in longest} == {LONGEST}
        plural, _ = longest
        assert generate(*longest)[0] == 0
        for command in (("format", "--check"), ("check",)):
            folders = (f"apiserver/{plural}", f"tests/{plural}", "migrations")
            ruff = [console.PROGRAMS / "ruff", *command, "--no-cache", *folders]
            done = subprocess.run(  # noqa: S603
                ruff, cwd=root, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout

    def test_has_views_that_fit_on_a_page(self, root, generate):
        assert generate("purchase_orders", "", "--below=teams")[0] == 0
        views = (root / "apiserver/purchase_orders/views.py").read_text("utf-8")
        assert len(views.splitlines()) <= 60

    def test_is_made_once(self, root, generate):
        assert generate()[0] == 0
        before = snapshot(root)
        status, printed, error = generate()
        assert (status, printed) == (1, "")
        assert error.startswith("apiserver/posts already exists; choose another")
        assert snapshot(root) == before


def two_heads(root):
    folder = root / "migrations" / "versions"
    newest = max(folder.glob("2*.py")).read_text()
    second = newest[newest.index("\ndown_revision = ") :].splitlines()[1]
    (folder / "two.py").write_text(f'revision = "two"\n{second}\n')
    return "ultiple heads"


def no_template(root):
    (root / "migrations" / "script.py.mako").unlink()
    return "script.py.mako: No such file or directory. Nothing was changed."


def no_migrations(root):
    shutil.rmtree(root / "migrations")
    return "Path doesn't exist:"


def broken_settings(root):
    with (root / "pyproject.toml").open("a") as file:
        file.write("[tool.ruff.format]\nthere-is-no-such-setting = true\n")
    return "ruff fails, and nothing was changed. It says:"


def broken_source(root):
    (root / "apiserver" / "teams" / "models.py").write_text("class Team(\n")
    return "apiserver/teams/models.py, line 1: '(' was never closed."


def broken_migration(root):
    (root / "migrations" / "versions" / "broken.py").write_text("def upgrade(:\n")
    return "migrations/versions/broken.py, line 1: invalid syntax."


class TestHalfWay:
    @pytest.mark.parametrize(
        "spoil",
        [
            two_heads,
            no_template,
            no_migrations,
            broken_settings,
            broken_source,
            broken_migration,
        ],
    )
    def test_nothing_is_written(self, root, generate, spoil):
        sentence = spoil(root)
        before = snapshot(root)
        status, printed, error = generate()
        assert (status, printed) == (1, "")
        assert sentence in error.splitlines()[-1]
        assert "Traceback" not in error
        assert snapshot(root) == before

    def test_nothing_is_written_without_ruff(
        self, root, generate, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(console, "PROGRAMS", tmp_path)
        before = snapshot(root)
        status, printed, error = generate()
        assert (status, printed) == (1, "")
        assert error == (
            f"{tmp_path}/ruff: No such file or directory. Nothing was changed.\n"
        )
        assert snapshot(root) == before


class TestCopy:
    """The last step is copying the files; it is undone where it fails."""

    @pytest.fixture
    def stage(self, tmp_path):
        stage = tmp_path / "stage"
        for name in ("apiserver/posts/models.py", "tests/posts/deep/test_posts.py"):
            (stage / name).parent.mkdir(parents=True)
            (stage / name).write_text("pass\n")
        return stage

    @pytest.fixture
    def paths(self, stage):
        return [p.relative_to(stage) for p in sorted(stage.rglob("*.py"))]

    def test_copies(self, root, stage, paths):
        before = snapshot(root)
        writing.copy(stage, root, paths)
        assert (root / paths[1]).read_text() == "pass\n"
        assert len(snapshot(root)) == len(before) + 2 + 3

    def test_is_undone_where_a_file_is_there(self, root, stage, paths):
        (root / paths[1]).parent.mkdir(parents=True)
        (root / paths[1]).write_text("mine")
        before = snapshot(root)
        with pytest.raises(FileExistsError):
            writing.copy(stage, root, paths)
        assert snapshot(root) == before

    def test_is_undone_where_a_folder_cannot_be_made(self, root, stage, paths):
        (root / "tests" / "posts").touch()
        before = snapshot(root)
        with pytest.raises(OSError, match="posts"):
            writing.copy(stage, root, paths)
        assert snapshot(root) == before

    def test_is_undone_where_a_file_cannot_be_written(self, root, stage, paths):
        (stage / paths[1]).write_bytes(b"\xff")
        before = snapshot(root)
        with pytest.raises(UnicodeDecodeError):
            writing.copy(stage, root, paths)
        assert snapshot(root) == before

    def test_is_undone_where_it_is_interrupted(self, root, stage, paths):
        def interrupted():
            yield from paths
            raise KeyboardInterrupt

        before = snapshot(root)
        with pytest.raises(KeyboardInterrupt):
            writing.copy(stage, root, interrupted())
        assert snapshot(root) == before
