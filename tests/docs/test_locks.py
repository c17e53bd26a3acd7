"""The locks name public registries only, and one version where two would break the page."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(__file__).resolve().parents[2]
NODE_FOLDERS = ("web", "tests/interop", "bench")
PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org"}


def hosts(text: str) -> set[str]:
    return set(re.findall(r"https?://([^/\"'\s]+)", text))


def versions(lock: Path) -> dict[str, str]:
    """Where each package of a node lock is installed, and in which version."""
    packages = json.loads(lock.read_text())["packages"]
    return {place: entry["version"] for place, entry in packages.items() if place}


def test_every_host_in_the_python_lock_is_public() -> None:
    """[OPS-1] The lock works for everybody, whatever mirror its author used."""
    lock = (ROOT / "uv.lock").read_text()
    assert lock.count("[[package]]") > 40
    assert hosts(lock) == PUBLIC_HOSTS


@pytest.mark.parametrize("folder", NODE_FOLDERS)
def test_no_node_lock_names_a_registry(folder: str) -> None:
    """[OPS-1] npm asks the registry that its user configured."""
    lock = (ROOT / folder / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
    assert "omit-lockfile-registry-resolved=true" in (ROOT / folder / ".npmrc").read_text().splitlines()


@pytest.mark.parametrize("folder", NODE_FOLDERS)
def test_every_node_package_is_pinned_to_one_version(folder: str) -> None:
    """[OPS-1] A range in package.json would let the lock's next author change what is served."""
    manifest = json.loads((ROOT / folder / "package.json").read_text())
    wanted: dict[str, str] = manifest["dependencies"] | manifest.get("devDependencies", {})
    assert {name: version for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)} == {}


def test_every_tiptap_package_has_the_same_version() -> None:
    """[OPS-1] Tiptap's newest packages do not fit together; `y-tiptap` counts for itself."""
    locked = versions(ROOT / "web" / "package-lock.json")
    tiptap = {place: version for place, version in locked.items() if "@tiptap/" in place and "y-tiptap" not in place}
    assert len(tiptap) > 10
    assert len(set(tiptap.values())) == 1, tiptap


@pytest.mark.parametrize("package", ["yjs", "y-protocols", "lib0", "prosemirror-model", "prosemirror-state"])
def test_the_page_holds_one_copy_of_what_must_not_be_doubled(package: str) -> None:
    """[OPS-1] Two copies of Yjs refuse each other's types, without an error that names the cause."""
    locked = versions(ROOT / "web" / "package-lock.json")
    assert [place for place in locked if place.endswith(f"node_modules/{package}")] == [f"node_modules/{package}"]


@pytest.mark.parametrize("folder", ["tests/interop", "bench"])
def test_the_clients_and_the_page_speak_the_same_yjs(folder: str) -> None:
    """[OPS-1] What the interop tests prove is proved for the version that is served."""
    page, clients = versions(ROOT / "web" / "package-lock.json"), versions(ROOT / folder / "package-lock.json")
    shared = {f"node_modules/{package}" for package in ("yjs", "y-protocols", "lib0", "@hocuspocus/provider")} & set(
        clients
    )
    assert len(shared) >= 3
    assert {place: clients[place] for place in shared} == {place: page[place] for place in shared}


def test_uv_rebuilds_the_page_for_the_same_sources_as_the_build_hook() -> None:
    """[OPS-1] A source that only one of them knows would leave an old page in place."""
    keys = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["cache-keys"]
    web = {key["file"].removeprefix("web/") for key in keys if key["file"].startswith("web/")}
    assert web == set(hatch_build.SOURCES)
