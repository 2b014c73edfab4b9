"""What checks, updates and develops the project elsewhere: CI, Renovate, containers."""

import json
import re
from urllib.parse import urlsplit

import pytest
import yaml

from tests.conftest import ROOT

GITHUB = ROOT / ".github/workflows/ci.yml"
GITLAB = ROOT / ".gitlab-ci.yml"
RENOVATE = ROOT / ".renovaterc.json5"
DEVCONTAINER = ROOT / ".devcontainer/devcontainer.json"
COMPOSE = ROOT / "deploy/compose.dev.yaml"

pytestmark = pytest.mark.skipif(not GITHUB.exists(), reason="this is no checkout")


def load(path):
    return yaml.safe_load(path.read_text("utf-8"))


def classified():
    """Return the versions of Python that setup.py names."""
    text = (ROOT / "setup.py").read_text("utf-8")
    return set(re.findall(r"Python :: (3\.\d+)", text))


def targets():
    """Return the targets of the Makefile that are for people."""
    text = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"(?m)^([a-z-]+):.*## ", text))


def commands(node):
    """Return what the jobs run, line by line."""
    if isinstance(node, dict):
        own = [node[key] for key in ("run", "script", "before_script") if key in node]
        return [line for part in (*own, *node.values()) for line in commands(part)]
    if isinstance(node, list):
        return [line for part in node for line in commands(part)]
    return node.splitlines() if isinstance(node, str) else []


def images(node):
    """Return the images that containers are made of."""
    if isinstance(node, dict):
        own = [node[k] for k in ("image", "container") if isinstance(node.get(k), str)]
        return own + [image for part in node.values() for image in images(part)]
    if isinstance(node, list):
        return [image for part in node for image in images(part)]
    return []


@pytest.mark.parametrize("path", [GITHUB, GITLAB], ids=lambda path: path.name)
class TestPipelines:
    def test_make_targets_that_there_are(self, path):
        text = "\n".join(commands(load(path)))
        named = set(re.findall(r"(?m)^make ([a-z-]+)$", text))
        named |= set(re.findall(r"\btarget: \[?([a-z-]+)", path.read_text("utf-8")))
        assert named >= {"lint", "check-migrations", "test-all", "fuzz", "install"}
        assert named <= targets()

    def test_run_the_whole_check(self, path):
        assert ".ci/run" in commands(load(path))
        assert (ROOT / ".ci/run").exists()

    def test_use_the_pythons_of_setup_py(self, path):
        assert set(re.findall(r'"(3\.\d+)"', path.read_text("utf-8"))) == classified()

    def test_keep_the_packages_of_the_pins(self, path):
        assert "requirements/" in path.read_text("utf-8")
        for cache in ("pip", "uv"):
            assert f".cache/{cache}" in path.read_text("utf-8")


class TestGitHub:
    def test_pins_actions_by_commit(self):
        used = re.findall(r"uses: (\S+)", GITHUB.read_text("utf-8"))
        assert used
        for action in used:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action)

    def test_may_only_read(self):
        workflow = load(GITHUB)
        assert workflow["permissions"] == {"contents": "read"}
        for job in workflow["jobs"].values():
            assert "permissions" not in job
            assert job["timeout-minutes"] <= 60

    def test_test_on_both_databases(self):
        matrix = load(GITHUB)["jobs"]["make"]["strategy"]["matrix"]
        included = [job.get("database") for job in matrix["include"]]
        # A job of `include` that changes nothing of the matrix would replace one of it.
        assert matrix["database"] == [""]
        assert [urlsplit(url).scheme for url in included if url] == ["postgresql"]


class TestRenovate:
    def test_knows_all_pins(self):
        text = RENOVATE.read_text("utf-8")
        (pattern,) = re.findall(r'"/(\^requirements.*)/"', text)
        pattern = re.compile(pattern.replace("\\\\", "\\"))
        pins = [p.relative_to(ROOT).as_posix() for p in ROOT.glob("requirements/*.txt")]
        assert pins
        assert [path for path in pins if not pattern.search(path)] == []

    def test_can_repeat_their_commands(self):
        """It refuses options whose values don't follow an equals sign."""
        for path in ROOT.glob("requirements/*.txt"):
            command = path.read_text("utf-8").splitlines()[1]
            prefix, options = command.split("uv pip compile ")
            assert prefix == "#    "
            assert f"--output-file=requirements/{path.name}" in options
            sources = [word for word in options.split() if not word.startswith("--")]
            assert sources
            assert [name for name in sources if not (ROOT / name).exists()] == []


class TestDevelopmentServices:
    def test_are_there_for_this_machine_alone(self):
        services = load(COMPOSE)["services"]
        assert set(services) == {"postgresql", "redis", "mailpit"}
        for service in services.values():
            for port in service["ports"]:
                assert port.startswith("127.0.0.1:")
            assert service["healthcheck"]["test"][0] == "CMD"

    def test_are_those_of_the_stacks(self):
        deployed = images(load(ROOT / "deploy/stack1/compose.yaml"))
        for path in (COMPOSE, GITHUB):
            for image in images(load(path)):
                if image.startswith(("postgres:", "redis:")):
                    assert image in deployed

    def test_have_versions(self):
        for path in (COMPOSE, ROOT / ".devcontainer/compose.yaml", GITHUB, GITLAB):
            for image in images(load(path)):
                assert re.search(r":v?[\d$]", image), image

    def test_are_where_the_first_lines_say(self):
        compose = load(COMPOSE)
        server = compose["services"]["postgresql"]["environment"]
        created = compose["configs"]["tests"]["content"]
        text = COMPOSE.read_text("utf-8")
        for variable, database in (
            ("DATABASE_URL", server["POSTGRES_DB"]),
            ("TEST_DATABASE_URL", re.findall(r"CREATE DATABASE (\w+);", created)[0]),
        ):
            url = urlsplit(re.findall(rf"{variable}=(\S+)", text)[0])
            assert url.username == server["POSTGRES_USER"]
            assert url.password == server["POSTGRES_PASSWORD"]
            assert url.path == f"/{database}"


class TestDevelopmentContainer:
    def test_is_one_of_the_services(self):
        container = json.loads(DEVCONTAINER.read_text("utf-8"))
        files = [DEVCONTAINER.parent / p for p in container["dockerComposeFile"]]
        assert files[0].resolve() == COMPOSE
        workspace = load(files[1])["services"][container["service"]]
        mounted = [volume.split(":") for volume in workspace["volumes"]]
        assert ["..", container["workspaceFolder"]] in mounted
        assert set(workspace["depends_on"]) <= set(load(COMPOSE)["services"])

    def test_has_the_database(self):
        services = load(COMPOSE)["services"]
        workspace = load(DEVCONTAINER.parent / "compose.yaml")["services"]["workspace"]
        url = urlsplit(workspace["environment"]["DATABASE_URL"])
        assert url.hostname in services
        assert url.username == services[url.hostname]["environment"]["POSTGRES_USER"]

    def test_shows_what_make_run_serves(self):
        container = json.loads(DEVCONTAINER.read_text("utf-8"))
        served = f"listen = 127.0.0.1:{container['forwardPorts'][0]}\n"
        assert served in (ROOT / "development.ini").read_text("utf-8")
