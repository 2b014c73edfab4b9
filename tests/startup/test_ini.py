"""An ini file that can't be read, at each door."""

import pytest

from apiserver import console, migrating
from apiserver.core.settings import startup
from tests.startup.conftest import DOORS, MAKING, status_of

EXAMPLES = "development.ini and production.ini are examples."
APP = b"[app:main]\nuse = egg:apiserver\n"
SERVER = b"[server:main]\nuse = egg:apiserver#waitress\nlisten = 127.0.0.1:0\n"
CASES = {
    "two options": (
        APP + b"a = 1\na = 2\n",
        "{ini}, line 4: a is set twice.",
    ),
    "two sections": (APP + APP, "{ini}, line 3: [app:main] appears twice."),
    "no section": (b"a = 1\n", "{ini}, line 1: begin with a section"),
    "nothing": (b"", "{ini} has no section [app:main]: "),
    "no application": (SERVER, f"{{ini}} has no section [app:main]: {EXAMPLES}"),
    "syntax": (APP + b"nonsense\n", "{ini}, line 3: nonsense is neither an option"),
    "latin-1": (
        APP + b"# \xe4\n",
        "{ini} is not UTF-8, at line 3: save it as UTF-8.",
    ),
    "utf-16": (APP.decode().encode("utf-16"), "{ini} is not UTF-8, at line 1: "),
    "bom": (
        b"\xef\xbb\xbf" + APP,
        "{ini} begins with a byte order mark: save it as UTF-8 without BOM.",
    ),
}


# Each at two doors, two of them at every one: all read the file by one function.
MALFORMED = [
    (name, case)
    for name in DOORS
    for case in CASES
    if name in {"pserve", "alembic"} or case in {"syntax", "latin-1"}
]


@pytest.mark.parametrize(("name", "case"), MALFORMED)
def test_malformed_file_is_named(door, tmp_path, name, case):
    content, sentence = CASES[case]
    ini = tmp_path / "local.ini"
    ini.write_bytes(content)
    assert door(name, ini).startswith(sentence.format(ini=ini))


@pytest.mark.parametrize("name", DOORS)
class TestFile:
    def test_that_is_missing_is_named(self, door, tmp_path, name):
        ini = tmp_path / "missing.ini"
        assert door(name, ini) == f"There is no file {ini}: {EXAMPLES}"

    def test_that_is_a_folder_is_named(self, door, tmp_path, name):
        ini = tmp_path / "folder.ini"
        ini.mkdir()
        assert door(name, ini) == f"{ini} is a folder, not an ini file."

    def test_of_another_kind_is_named(self, door, tmp_path, name):
        text = tmp_path / "settings.txt"
        text.write_bytes(APP)
        sentence = f"{text} is not an ini file: its name must end with .ini."
        assert door(name, text) == sentence


@pytest.mark.parametrize("name", MAKING)
class TestInterpolation:
    def test_of_a_lone_percent_sign_is_refused(self, door, settings, name):
        ini = settings(title="100% of it")
        sentence = f"{ini}, [app:main], apiserver.title: write %% for a %."
        assert door(name, ini) == sentence

    def test_of_an_unknown_variable_is_refused(self, door, settings, name):
        ini = settings(title="%(company)s")
        assert door(name, ini) == (
            f"{ini}, [app:main], apiserver.title: %(company)s has no value; add "
            "company=… after the file name."
        )


class TestPserve:
    def test_names_a_file_that_can_not_be_read(self, door, tmp_path):
        ini = tmp_path / f"{'x' * 300}.ini"
        assert door("pserve", ini) == f"{ini} can't be read: File name too long."

    def test_needs_a_section_of_the_server(self, door, tmp_path):
        ini = tmp_path / "local.ini"
        ini.write_bytes(APP)
        sentence = f"{ini} has no section [server:main]: {EXAMPLES}"
        assert door("pserve", ini) == sentence

    @pytest.mark.parametrize(
        ("use", "sentence"),
        [
            ("egg:nowhere", "egg:nowhere is not installed."),
            ("egg:apiserver#nothing", "Entry point 'nothing' not found"),
            ("config:nowhere.ini", "There is no file "),
        ],
    )
    def test_names_an_application_that_is_not_there(
        self, door, tmp_path, use, sentence
    ):
        ini = tmp_path / "local.ini"
        ini.write_bytes(b"[app:main]\nuse = " + use.encode() + b"\n" + SERVER)
        assert sentence in door("pserve", ini)

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (["port"], "Variable assignment 'port' invalid (no \"=\")."),
            (["--reload-interval=0"], "--reload-interval must be a positive number."),
            (["--reload-interval=x"], "--reload-interval must be a positive number."),
        ],
    )
    def test_refuses_options_that_it_can_not_use(
        self, settings, capsys, options, sentence
    ):
        with pytest.raises(SystemExit) as end:
            console.pserve([str(settings()), *options])
        assert (end.value.code, capsys.readouterr().err) == (1, f"{sentence}\n")

    def test_asks_for_a_file(self, capsys):
        assert console.pserve([]) == 2
        assert capsys.readouterr().err == "You must give a config file\n"


class TestAlembic:
    def test_needs_no_file_to_make_one(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        migrating.main(["init", "own"])
        assert (tmp_path / "own" / "env.py").exists()
        assert (tmp_path / "alembic.ini").exists()


def test_mistakes_of_ours_keep_their_tracebacks():
    with pytest.raises(KeyError), startup.one_sentence():
        raise KeyError


class TestFolder:
    @pytest.mark.parametrize("folder", ["50%25", "ärger %(x)s #"])
    def test_may_have_any_name(self, settings, tmp_path, folder, monkeypatch, capfd):
        """The file finds what lies beside it, by whichever door."""
        own = tmp_path / folder
        own.mkdir()
        text = settings().read_text("utf-8")
        text = text.replace(f"sqlite:///{tmp_path}/", "sqlite:///%(here)s/")
        (own / "local.ini").write_text(text, "utf-8")
        monkeypatch.chdir(own)
        monkeypatch.delenv("DATABASE_URL", raising=False)
        for name in ("alembic", "apiserver", "invoke"):
            assert not status_of(name, "local.ini", monkeypatch), capfd.readouterr()
        assert (own / "own.db").exists()
