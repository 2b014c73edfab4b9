"""The files for Docker, Kubernetes and systemd: valid, and about what is there."""

import os
import re
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from apiserver.core.jobs.declared import LIMIT
from tests.conftest import ROOT
from tests.deploy.processes import DEPLOY
from tests.served import BIN
from tests.tools import needs

NAME = "apiserver"

KUBERNETES = "1.33"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
UNITS = sorted((DEPLOY / "systemd").glob("*.[st]*"))
STACKS = ["stack1", "stack2"]

DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text("utf-8"))
SERVERS = {"waitress", "gunicorn", "uwsgi", "granian"}

documents = [
    pytest.param(document, id=f"{document['kind']}-{document['metadata']['name']}")
    for path in MANIFESTS
    for document in yaml.safe_load_all(path.read_text("utf-8"))
]


def pod_of(document):
    """Return the specification of the pods that something makes, if it makes any."""
    spec = document.get("spec", {})
    return spec.get("template", {}).get("spec")


pods = [p for p in documents if pod_of(p.values[0])]


def deployment(name):
    (found,) = [p.values[0] for p in pods if p.id == f"Deployment-{name}"]
    return found


def merged(value, patch):
    """Return what a strategic merge patch makes: items of a list are known by names."""
    if isinstance(patch, dict):
        return {**value, **{n: merged(value.get(n), v) for n, v in patch.items()}}
    if not isinstance(patch, list):
        return patch
    patches = {each["name"]: each for each in patch}
    known = [merged(each, patches.pop(each["name"], {})) for each in value]
    return [*known, *patches.values()]


class TestKubernetes:
    @pytest.mark.parametrize("document", documents)
    def test_knows_it(self, document):
        kubernetes_validate.validate(document, KUBERNETES, strict=True)

    def test_has_all_kinds(self):
        assert {document.values[0]["kind"] for document in documents} == {
            "ConfigMap",
            "Deployment",
            "HorizontalPodAutoscaler",
            "Ingress",
            "Job",
            "NetworkPolicy",
            "PodDisruptionBudget",
            "Secret",
            "Service",
        }

    @pytest.mark.parametrize("document", pods)
    def test_runs_it_without_privileges(self, document):
        pod = pod_of(document)
        user = re.search(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
        assert str(pod["securityContext"]["runAsUser"]) == user[1]
        assert pod["securityContext"]["runAsNonRoot"]
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"requests", "limits"} == set(container["resources"])

    @pytest.mark.parametrize(
        ("part", "name"), [("server", NAME), ("worker", f"{NAME}-worker")]
    )
    def test_stores_files_in_a_volume_that_is_claimed(self, part, name, app):
        files = DEPLOY / "kubernetes/files"
        claim = yaml.safe_load((files / "volume.yaml").read_text("utf-8"))
        patch = yaml.safe_load((files / f"{part}.patch.yaml").read_text("utf-8"))
        kubernetes_validate.validate(claim, KUBERNETES, strict=True)
        patched = merged(deployment(name), patch)
        kubernetes_validate.validate(patched, KUBERNETES, strict=True)
        pod = pod_of(patched)
        (container,) = pod["containers"]
        assert pod["volumes"][-1]["persistentVolumeClaim"] == {
            "claimName": claim["metadata"]["name"]
        }
        values = {each["name"]: each["value"] for each in container["env"]}
        assert unknown(values, app) == set()
        assert container["volumeMounts"][-1] == {
            "name": pod["volumes"][-1]["name"],
            "mountPath": values["APISERVER_STORAGE"],
        }
        assert len(container["volumeMounts"]) == 3

    def test_asks_what_the_server_answers(self, app):
        (container,) = pod_of(deployment(NAME))["containers"]
        probes = {n: v["httpGet"] for n, v in container.items() if n.endswith("Probe")}
        assert probes == {
            "startupProbe": {"path": "/healthz", "port": "http"},
            "readinessProbe": {"path": "/readyz", "port": "http"},
            "livenessProbe": {"path": "/healthz", "port": "http"},
        }

    def test_sets_settings_that_there_are(self, app):
        (settings,) = [d.values[0] for d in documents if d.id.startswith("ConfigMap")]
        assert unknown(settings["data"], app) == set()

    def test_selects_labels_that_there_are(self):
        labels = {
            p.id: p.values[0]["spec"]["template"]["metadata"]["labels"]
            for p in pods
            if p.id.startswith("Deployment")
        }
        selectors = {
            d.id: d.values[0]["spec"]["selector"]["matchLabels"]
            for d in documents
            if d.values[0]["kind"] in {"Deployment", "PodDisruptionBudget"}
        }
        assert selectors == {
            **labels,
            f"PodDisruptionBudget-{NAME}": labels[f"Deployment-{NAME}"],
        }

    def test_waits_for_the_longest_job(self):
        (worker,) = [p for p in pods if p.id == f"Deployment-{NAME}-worker"]
        assert pod_of(worker.values[0])["terminationGracePeriodSeconds"] > LIMIT


def unknown(variables, app):
    """Return the variables of the environment that no setting is read from."""
    names = {name.removesuffix("_FILE") for name in variables}
    names = {name for name in names if name.startswith("APISERVER_")}
    known = {n.upper().replace(".", "_") for n in app.registry.known_settings}
    return names - known


@pytest.fixture(params=STACKS)
def compose(request):
    """A stack's folder, and what its file for Docker Compose says."""
    folder = DEPLOY / request.param
    return folder, yaml.safe_load((folder / "compose.yaml").read_text("utf-8"))


class TestCompose:
    def test_has_the_services(self, compose):
        _, stack = compose
        assert set(stack["services"]) == {
            *("nginx", "api-1", "api-2", "migrate", "worker", "postgresql", "redis")
        }

    def test_names_what_is_declared(self, compose):
        _, stack = compose
        for service in stack["services"].values():
            for kind in ("networks", "secrets"):
                assert set(service.get(kind, ())) <= set(stack[kind])
            assert set(service.get("depends_on", ())) <= set(stack["services"])

    def test_mounts_files_that_there_are(self, compose):
        folder, stack = compose
        named = {v.partition(":")[0] for v in stack["services"]["nginx"]["volumes"]}
        files = {name for name in named if name.startswith("./")}
        assert {(folder / name).name for name in files} == {
            path.name for path in folder.glob("*.conf")
        }

    def test_is_what_nginx_finds(self, compose):
        folder, stack = compose
        text = (folder / "nginx.conf").read_text("utf-8")
        upstreams = dict(re.findall(r"server ([\w-]+):(\d+) ", text))
        assert set(upstreams) == {"api-1", "api-2"}
        settings = stack["services"]["api-1"]["environment"]
        listens = settings.get("UWSGI_SOCKET", "0.0.0.0:5000").rpartition(":")[2]
        assert set(upstreams.values()) == {listens}

    def test_trusts_nginx_alone(self, compose):
        _, stack = compose
        nginx = stack["services"]["nginx"]["networks"]["web"]["ipv4_address"]
        for name in ("api-1", "api-2"):
            settings = stack["services"][name]["environment"]
            trusted = settings.get("APISERVER_TRUSTED_PROXIES")
            assert trusted == (None if "UWSGI_SOCKET" in settings else nginx)

    def test_sets_settings_that_there_are(self, compose, app):
        _, stack = compose
        assert unknown(stack["services"]["api-1"]["environment"], app) == set()

    def test_migrates_before_it_serves(self, compose):
        _, stack = compose
        for name in ("api-1", "api-2", "worker"):
            migrated = stack["services"][name]["depends_on"]["migrate"]
            assert migrated == {"condition": "service_completed_successfully"}

    def test_builds_a_server_that_there_is(self, compose):
        folder, stack = compose
        build = stack["services"]["api-1"]["build"]
        assert (folder / build["context"]).resolve() == ROOT
        assert build["args"]["SERVER"] in SERVERS

    def test_stores_files_in_a_volume_of_all(self, compose):
        _, stack = compose
        for name in ("api-1", "api-2", "worker"):
            folder = stack["services"][name]["environment"]["APISERVER_STORAGE"]
            assert stack["services"][name]["volumes"] == [f"files:{folder}"]
            assert f" {folder}\n" in DOCKERFILE
        assert "files" in stack["volumes"]

    def test_writes_no_secret_into_the_file(self, compose):
        folder, _ = compose
        text = (folder / "compose.yaml").read_text("utf-8")
        assert (
            re.findall(r"(?i)(?:password|secret|url): *(?!/run|\{|\[)\S+", text) == []
        )


class TestDockerfile:
    def test_copies_what_is_there_and_not_ignored(self):
        copied = set()
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
            copied.update(line.split()[:-1])
        assert [name for name in copied if not (ROOT / name).exists()] == []
        ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        assert copied == {line[1:] for line in ignore if line.startswith("!")}

    def test_starts_what_is_there(self):
        for word in ("HEALTHCHECK", "CMD"):
            (command,) = re.findall(
                rf'^{word}.*\["([^"]+)"\]$', DOCKERFILE, re.MULTILINE
            )
            assert os.access(ROOT / command, os.X_OK)

    def test_installs_by_hashes(self):
        fetching = re.findall(r"pip (?:install|download)[^&\n]*", DOCKERFILE)
        assert len(fetching) == 3
        for command in fetching:
            assert ("--require-hashes" in command) != ("--no-index" in command)

    @pytest.mark.parametrize("server", sorted(SERVERS))
    def test_knows_the_servers(self, server):
        assert f"\n{server})" in (DEPLOY / "serve").read_text("utf-8")


@needs("systemd-analyze")
class TestSystemd:
    @pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
    def test_knows_it(self, unit, tmp_path):
        for other in UNITS:
            text = other.read_text("utf-8").replace(
                "/opt/apiserver/.venv/bin", f"{BIN}"
            )
            (tmp_path / other.name).write_text(
                text.replace("/opt/apiserver", f"{ROOT}")
            )
        said = analyze("verify", tmp_path / unit.name)
        assert unit.name.partition(".")[0].strip("@") not in said

    @pytest.mark.parametrize("name", [f"{NAME}@", f"{NAME}-worker@"])
    def test_stores_files_where_it_may_write(self, name):
        unit = (DEPLOY / f"systemd/{name}.service").read_text("utf-8")
        said = dict(
            re.findall(
                r"(?m)^(StateDirectory|Environment=APISERVER_STORAGE)=(.*)", unit
            )
        )
        (folder,) = {value.removeprefix("%S/") for value in said.values()}
        assert len(said) == 2
        assert folder == f"{NAME}/files"

    def test_is_hardened(self):
        said = analyze("security", "--offline=true", "--threshold=20", UNITS[-1])
        assert "exposure" in said


def analyze(*arguments: str | Path) -> str:
    done = subprocess.run(  # noqa: S603
        ["systemd-analyze", *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout + done.stderr
