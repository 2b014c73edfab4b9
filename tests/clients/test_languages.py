"""Clients in languages that have no session of ours: they are generated."""

import pytest

from tests.clients.workshop import VERSION, need_generator

need_generator()

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
