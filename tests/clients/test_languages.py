"""Clients in languages that have no session of ours: they are generated, and read."""

import shutil

import pytest

from tests.clients.workshop import GENERATOR, VERSION, run
from tests.tools import need, needs

pytestmark = needs(GENERATOR)

# The file that names the package, what it says, and a function of the client.
LANGUAGES = {
    "go": ("go.mod", "module example.com/apiserver/", "api_teams.go", "PatchTeam("),
    "java": (
        "pom.xml",
        f"<version>{VERSION}</version>",
        "src/main/java/com/example/apiserver/client/api/TeamsApi.java",
        " patchTeam(",
    ),
    "rust": (
        "Cargo.toml",
        f'version = "{VERSION}"',
        "src/apis/teams_api.rs",
        "fn patch_team(",
    ),
    # Without a folder of its own in clients/.
    "ruby": (
        "lib/openapi_client/version.rb",
        f"VERSION = '{VERSION}'",
        "lib/openapi_client/api/teams_api.rb",
        "def patch_team(",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_has_package_function_and_readme(workshop, language):
    package, says, code, function = LANGUAGES[language]
    dist = workshop.generate(language)
    assert says in (dist / package).read_text("utf-8")
    assert function in (dist / code).read_text("utf-8")
    assert (dist / "README.md").read_text("utf-8").startswith("# ")


# What reads all of a client; Go also compiles it, and looks for likely mistakes. What
# the others need to be compiled is in registries that tests don't ask.
CHECKS = {
    "go": ("go", "**/*.go", ["go", "vet"]),
    "java": (
        "javac",
        "src/main/**/*.java",
        ["javac", "-proc:none", "-XDshould-stop.ifNoError=PARSE"],
    ),
    "ruby": (
        "ruby",
        "lib/**/*.rb",
        # Of several files `ruby -c` reads the first alone.
        ["ruby", "-e", "ARGV.each { RubyVM::InstructionSequence.compile_file _1 }"],
    ),
    "rust": (
        "rustfmt",
        "src/**/*.rs",
        ["rustfmt", "--edition", "2021", "--emit", "stdout"],
    ),
}


def check(language, dist, cache):
    """Run the compiler, or what is needed of it, on the files of a client."""
    program, pattern, command = CHECKS[language]
    need(program)
    files = sorted(str(path.relative_to(dist)) for path in dist.glob(pattern))
    assert files
    go = {"GOCACHE": str(cache), "GOPROXY": "off", "GOTOOLCHAIN": "local"}
    return run([*command, *(files if language != "go" else ["./..."])], dist, **go)


@pytest.mark.parametrize("language", CHECKS)
class TestCode:
    def test_is_of_the_language(self, workshop, language, tmp_path):
        check(language, workshop.generate(language), tmp_path)

    def test_that_is_not_would_be_found(self, workshop, language, tmp_path):
        broken = tmp_path / "broken"
        shutil.copytree(workshop.generate(language), broken)
        code = broken / LANGUAGES[language][2]
        code.write_text(f"{code.read_text('utf-8')}\n) it is broken {{\n")
        with pytest.raises(AssertionError):
            check(language, broken, tmp_path)
