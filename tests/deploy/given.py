"""What operators are given in `deploy/`, read as the tools that take it read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "deploy" / "compose"
KUBERNETES = ROOT / "deploy" / "kubernetes"
DOCKERFILE = ROOT / "Dockerfile"
GAP = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<word>[^}]*))?\}")

Tree = dict[str, object]


def filled(text: str, words: Mapping[str, str]) -> str:
    """Compose's own interpolation. Raises: KeyError for a word that must be given and is not."""

    def fill(gap: re.Match[str]) -> str:
        if (given := words.get(gap["name"])) is not None:
            return given
        if gap["kind"] != "-":
            raise KeyError(gap["name"])
        return str(gap["word"])

    return GAP.sub(fill, text)


def compose_text() -> str:
    """The compose file as an operator would fill it."""
    return filled((COMPOSE / "compose.yaml").read_text(), {"PUBLIC_URL": "https://consilium.example.org"})


def services() -> dict[str, Tree]:
    """The services, with what they share merged in."""
    found: dict[str, Tree] = yaml.safe_load(compose_text())["services"]
    return found


def manifests() -> Iterator[tuple[str, Tree]]:
    """Every Kubernetes object, by its file."""
    for path in sorted(KUBERNETES.glob("*.yaml")):
        if path.name != "kustomization.yaml":
            yield from ((path.name, each) for each in yaml.safe_load_all(path.read_text()))


def below(tree: object, key: str) -> Iterator[object]:
    """Every value of a key, however deep."""
    match tree:
        case dict():
            for name, value in tree.items():
                if name == key:
                    yield value
                yield from below(value, key)
        case list():
            for value in tree:
                yield from below(value, key)
