"""What operators are given fits the server: metrics that exist, alerts that can fire, what to do about each."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from server.app import build_app
from server.settings import load_settings
from storage.memory import memory_stores
from workspace.ids import Millis

ROOT = Path(__file__).resolve().parents[2]
METRIC = re.compile(r"\b(?:consilium|process)_[a-z_]+\b")
RULES = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"][0]["rules"]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "consilium.json").read_text())
OURS = (
    "consilium_",
    "process_open_fds",
    "process_max_fds",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
)


@cache
def sections() -> dict[str, str]:
    """The runbook's sections by their headings."""
    parts = re.split(r"^## (.+)$", RUNBOOK, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


async def exported() -> set[str]:
    """Every name that a query may use: what is counted by labels has no samples yet, so its parts are spelled."""
    app = build_app(load_settings({}), memory_stores(), clock=lambda: Millis(0), entropy=bytes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://consilium.test") as client:
        text = (await client.get("/metrics")).text
    names: set[str] = set()
    for family in text_string_to_metric_families(text):
        kinds = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",)}
        names |= {f"{family.name}{ending}" for ending in kinds.get(family.type, ("",))}
    return names


def asked() -> dict[str, set[str]]:
    """Whoever names metrics, and which."""
    panels = {panel["title"]: " ".join(target["expr"] for target in panel["targets"]) for panel in DASHBOARD["panels"]}
    rules = {rule["alert"]: rule["expr"] for rule in RULES}
    return {name: set(METRIC.findall(text)) for name, text in {**panels, **rules, "runbook": RUNBOOK}.items()}


async def test_every_metric_that_is_named_is_exported() -> None:
    """[OPS-4] In the alerts, the dashboard and the runbook; a histogram may be called by its family's name in prose."""
    there = await exported()
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in there}
    missing = {name: words - there - families for name, words in asked().items()}
    assert {name: words for name, words in missing.items() if words} == {}
    assert sum(map(len, asked().values())) > 30


async def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    """[OPS-4] A number that nobody looks at is not worth its counting."""
    shown = set(METRIC.findall(json.dumps(DASHBOARD)))
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in await exported() if name.startswith(OURS)}
    created = {
        name for name in families if name.endswith("_created")
    }  # when a counter began, which Prometheus asks for
    unseen = {name for name in families - created if not any(each.startswith(name) for each in shown)}
    assert unseen <= {"process_max_fds"}


@pytest.mark.parametrize("alert", [rule["alert"] for rule in RULES])
def test_every_alert_has_its_section(alert: str) -> None:
    """[OPS-5] What it means, where to look, what to do."""
    section = sections()[alert]
    for part in ("**Means:**", "**Look:**", "**Do:**"):
        assert part in section


def test_the_runbook_has_no_section_without_an_alert() -> None:
    """[OPS-5]"""
    assert set(sections()) == {rule["alert"] for rule in RULES}
