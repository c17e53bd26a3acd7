"""`Dockerfile`, `deploy/compose` and `deploy/kubernetes`: of the right form, and they speak of what there is."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose
from starlette.routing import Route

from server.app import build_app, build_worker
from server.settings import FILE_NAMES, NAMES, load_settings
from storage.memory import memory_stores
from storage.ports import Holder
from tests.deploy.given import COMPOSE, DOCKERFILE, KUBERNETES, ROOT, Tree, below, compose_text, manifests, services
from workspace.ids import Millis

OLDEST, NEWEST = "1.30", "1.37"
"""Releases of Kubernetes whose schemas the manifests have to pass."""
SETTING = re.compile(r"\bCONSILIUM_[A-Z_]+\b")
OF_COMPOSE = {"CONSILIUM_TAG"}
"""Words that `.env` has for compose itself."""
PINNED = re.compile(r"[\w./-]+:\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?")
OURS = re.compile(r"consilium(:.*)?")
ORIGINAL = re.compile(r"http://127\.0\.0\.1:800[01](/\w+)")
OBJECTS = list(manifests())


def given_files() -> Iterator[Path]:
    """Everything that operators are given and that may name a setting."""
    yield DOCKERFILE
    for path in sorted((ROOT / "deploy").rglob("*")):
        if path.is_file() and path.suffix in {".yaml", ".env", ".conf", ""}:
            yield path


def containers() -> Iterator[Tree]:
    """Every container of every Kubernetes object."""
    for _, each in OBJECTS:
        for key in ("containers", "initContainers"):
            for found in below(each, key):
                assert isinstance(found, list)
                yield from found


def test_the_dockerfile_has_no_finding() -> None:
    """[DEP-1] hadolint's own rules, and ShellCheck's for what it runs."""
    hadolint = str(Path(sys.executable).with_name("hadolint"))
    done = subprocess.run([hadolint, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_dockerfile_ends_as_nobody_in_particular() -> None:
    """[DEP-1] A numeric user, a health check without a tool of its own, and no tool of the builder."""
    *_, last = re.split(r"^FROM ", DOCKERFILE.read_text(), flags=re.MULTILINE)
    assert re.search(r"^USER \d+:\d+$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert re.findall(r"\b(apt-get|curl|wget|pip|npm)\b", last) == []


def test_what_the_image_is_built_with_carries_hashes() -> None:
    """[DEP-1] uv itself, what runs and what builds."""
    lines = (ROOT / "deploy" / "image" / "uv.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#") and not re.search("==|--hash=sha256:", line)] == []
    assert len(lines) > 5
    text = DOCKERFILE.read_text()
    assert text.count("--require-hashes") == 3
    assert "uv export --frozen" in text


def test_the_build_sees_what_it_copies_and_nothing_else() -> None:
    """[DEP-1] No history, data or secret of the folder can come into an image."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    lines_of = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    copied = {name for words in lines_of for name in words.split()}
    assert copied - {"deploy/image/uv.txt"} == let_in - {"deploy/image"}


def test_the_compose_file_is_one() -> None:
    """[DEP-2] Of the Compose Specification's form, unknown keys refused."""
    merged = yaml.safe_dump(yaml.safe_load(compose_text()))  # the parser below merges one level alone
    project = PyCompose.from_yaml(merged)
    project.validate()
    assert sorted(project.service_names()) == [
        "migrate",
        "node-1",
        "node-2",
        "postgres",
        "proxy",
        "store",
        "valkey",
        "worker",
    ]


def test_only_the_proxy_can_be_reached() -> None:
    """[DEP-2] It alone has ports, and the others' network leads nowhere."""
    assert [name for name, each in services().items() if "ports" in each] == ["proxy"]
    networks = yaml.safe_load(compose_text())["networks"]
    assert networks["inner"]["internal"] is True
    assert {name for name, each in services().items() if list(each["networks"]) != ["inner"]} == {"proxy"}  # type: ignore[call-overload]


@pytest.mark.parametrize("name", services())
def test_every_service_is_held_tight(name: str) -> None:
    """[DEP-2] Nothing writable but its volume, no rights, no root, bounded, started again, watched."""
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert "healthcheck" in service
    assert "build" in service or not str(service.get("user", "0")).startswith("0")


def test_every_image_is_pinned() -> None:
    """[DEP-2] [DEP-3] But our own, whose tag is the operator's choice."""
    text = DOCKERFILE.read_text()
    images = [str(each["image"]) for each in services().values()] + [str(each["image"]) for each in containers()]
    images += re.findall(r"^ARG PYTHON=(.+)$", text, re.MULTILINE)
    assert len(images) > 8
    assert [image for image in images if not OURS.fullmatch(image) and not PINNED.fullmatch(image)] == []


def test_secrets_are_files() -> None:
    """[DEP-2] No password stands in an environment, where `docker inspect` would show it."""
    for name, service in services().items():
        environment = service.get("environment") or {}
        assert isinstance(environment, dict), name
        secret = {key for key in environment if re.search("PASSWORD|SECRET|TOKEN|_URL", key)}
        assert {key for key in secret if not key.endswith("_FILE")} <= {"CONSILIUM_PUBLIC_URL"}


def test_secrets_are_made_once_and_fit_each_other(tmp_path: Path) -> None:
    """[DEP-2] The nodes know the passwords that PostgreSQL and Valkey are given; a second run changes none."""
    shell = shutil.which("sh")
    assert shell is not None

    def make() -> dict[str, str]:
        subprocess.run([shell, str(COMPOSE / "make-secrets"), str(tmp_path / "secrets")], check=True)
        return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    made = make()
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    password = made["postgres_password"].strip()
    assert len(password) == 48
    assert f":{password}@postgres" in made["database_url"]
    assert f":{made['valkey.conf'].split()[1]}@valkey" in made["redis_url"]
    assert make() == made
    named = set(yaml.safe_load(compose_text())["secrets"])
    assert named - set(made) == {"tls_certificate", "tls_key"}
    load_settings(
        {
            "CONSILIUM_DATABASE_URL_FILE": str(tmp_path / "secrets" / "database_url"),
            "CONSILIUM_REDIS_URL_FILE": str(tmp_path / "secrets" / "redis_url"),
            "CONSILIUM_S3_ENDPOINT": "http://store:8333",
            "CONSILIUM_S3_ACCESS_KEY_FILE": str(tmp_path / "secrets" / "s3_access_key"),
            "CONSILIUM_S3_SECRET_KEY_FILE": str(tmp_path / "secrets" / "s3_secret_key"),
        }
    )


@pytest.mark.parametrize("path", list(given_files()), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_that_is_named_exists(path: Path) -> None:
    """[DEP-2] [DEP-3] A node does not start with an unknown one."""
    assert set(SETTING.findall(path.read_text())) - set(NAMES) - set(FILE_NAMES) <= OF_COMPOSE


def test_the_settings_of_kubernetes_and_compose_are_taken() -> None:
    """[DEP-2] [DEP-3] Not only their names: their values, too."""
    lines = (KUBERNETES / "settings.env").read_text().splitlines()
    node = services()["node-1"]["environment"]
    assert isinstance(node, dict)
    for settings in (dict(line.split("=", 1) for line in lines), node):
        plain = {name: value for name, value in settings.items() if not name.endswith("_FILE")}
        secret = {name.removesuffix("_FILE"): "secret" for name in settings if "_S3_" in name and name not in plain}
        assert load_settings(plain | secret).objects == "s3"


def test_every_probe_asks_a_route_that_there_is() -> None:
    """[DEP-2] [DEP-3]"""
    settings, stores = load_settings({}), memory_stores()
    node = build_app(settings, stores, clock=lambda: Millis(0), entropy=bytes)
    worker = build_worker(settings, stores, clock=lambda: Millis(0), entropy=bytes, name=Holder("worker")).app
    node_routes, routes = ({each.path for each in app.routes if isinstance(each, Route)} for app in (node, worker))
    assert routes < node_routes
    asked = [probe["path"] for _, each in OBJECTS for probe in below(each, "httpGet")]  # type: ignore[index]
    asked += ORIGINAL.findall(compose_text()) + ORIGINAL.findall(DOCKERFILE.read_text())
    assert len(asked) == 9
    assert set(asked) <= routes


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_kubernetes_takes_every_object(version: str) -> None:
    """[DEP-3] Strictly: an unknown field is refused."""
    for _, each in OBJECTS:
        kubernetes_validate.validate(each, version, strict=True)
    assert len(OBJECTS) > 8


def test_the_check_refuses_a_field_that_there_is_not() -> None:
    """[DEP-3] A check that cannot fail proves nothing."""
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"port": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


def test_every_manifest_is_in_the_kustomization() -> None:
    """[DEP-3] And so is all that it names."""
    kustomization = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
    assert set(kustomization["resources"]) == {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert [each["name"] for each in kustomization["images"]] == ["consilium"]
    assert (KUBERNETES / "settings.env").exists()


def test_every_container_is_restricted() -> None:
    """[DEP-3] The namespace lets in nothing else (Pod Security Standards, "restricted")."""
    for each in containers():
        context = each["securityContext"]
        assert context == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        limits = each["resources"]
        assert isinstance(limits, dict)
        assert {"requests", "limits"} <= set(limits)
    for _, each in OBJECTS:
        for pod in below(each, "template"):
            spec = pod["spec"]  # type: ignore[index]
            assert spec["securityContext"]["runAsNonRoot"] is True
            assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            assert spec["automountServiceAccountToken"] is False
            assert spec["enableServiceLinks"] is False


def test_a_rolling_update_leaves_time_to_drain() -> None:
    """[DEP-3] A new node is ready before an old one goes, and the old one has its whole time."""
    (node,) = [each for _, each in OBJECTS if each["kind"] == "Deployment" and each["metadata"]["name"] == "consilium"]  # type: ignore[index]
    spec = node["spec"]
    assert isinstance(spec, dict)
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    pod = spec["template"]["spec"]
    (pause,) = [each["seconds"] for each in below(pod, "sleep")]  # type: ignore[index]
    assert pod["terminationGracePeriodSeconds"] >= pause + load_settings({}).drain_seconds + 5
    for each in services().values():
        if str(each["image"]).startswith("consilium"):
            assert int(str(each["stop_grace_period"]).removesuffix("s")) >= load_settings({}).drain_seconds + 5
