"""The client in Python as a package: its name, its README, its types."""

from tests.clients.workshop import GENERATOR, VERSION, run
from tests.markdown import ROOT, blocks
from tests.served import BIN
from tests.tools import needs

pytestmark = needs(GENERATOR)


class TestPackage:
    def test_is_installed_under_its_name(self, installed):
        (metadata,) = installed.glob("apiserver_client-*.dist-info/METADATA")
        text = metadata.read_text("utf-8")
        assert f"Name: apiserver-client\nVersion: {VERSION}\n" in text

    def test_readme_is_true(self, workshop, installed, server, tmp_path):
        readme = workshop.generate("python") / "README.md"
        (code,) = [b.text for b in blocks(readme) if b.language == "python"]
        assert self.run(installed, server, tmp_path, code) == (
            "title Must be at least 3 characters long.\n"
        )

    def test_documentation_is_true(self, installed, server, tmp_path):
        document = ROOT / "docs/clients.md"
        code = "".join(b.text for b in blocks(document) if b.language == "python")
        printed = self.run(installed, server, tmp_path, code).splitlines()
        assert printed[0] == "root"
        assert printed[-2:] == [
            "body title Must be at least 3 characters long.",
            "True",
        ]

    def run(self, installed, server, folder, code):
        script = folder / "program.py"
        script.write_text(code.replace("http://127.0.0.1:5000", server, 1))
        return run(
            [str(BIN / "python"), str(script)], folder, PYTHONPATH=str(installed)
        )

    def test_types_of_the_session_are_strict(self, workshop, tmp_path):
        session = workshop.generate("python") / "apiserver_client/oauth2.py"
        options = ["--follow-imports=skip", "--allow-subclassing-any"]
        cache = ["--cache-dir", str(tmp_path)]
        run([str(BIN / "mypy"), "--strict", *options, *cache, str(session)], tmp_path)
