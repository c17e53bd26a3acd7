"""The images of the demo's cases: they come by themselves, once, as uploads do."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from server.demo_media.chosen import CHOSEN, NOT_OURS, found
from tests.integration.test_cli import enter, links, start_demo
from tests.servers import wait_until

READY = [chosen for chosen in CHOSEN if not chosen.is_left_for_review]


def cases_of(client: httpx.Client) -> list[str]:
    return [case["id"] for case in client.get("/api/cases").json()["cases"]]


def shown(client: httpx.Client) -> list[Mapping[str, Any]]:
    return [each for case in cases_of(client) for each in client.get(f"/api/cases/{case}/media").json()["media"]]


def is_at_it(demo: int) -> bool:
    """Whether the process that brings images runs."""
    family = psutil.Process(demo).children(recursive=True)
    return any(each.status() != psutil.STATUS_ZOMBIE and "server.demo_media" in each.cmdline() for each in family)


@contextmanager
def demo(folder: Path, out: Path) -> Iterator[None]:
    """A demo that has brought what it brings, in this folder."""
    process = start_demo(folder, out)
    try:
        wait_until(lambda: not is_at_it(process.pid), seconds=600, what="the end of what brings images")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.timeout(900)
def test_the_demo_s_cases_get_images_once(tmp_path: Path) -> None:
    """[DEMO-6] Described, seen by everybody in the case, shown in the text; not again when one was taken out."""
    assert all(found(each) for each in CHOSEN)
    out = tmp_path / "first.txt"
    with demo(tmp_path / "demo", out):
        said = out.read_text()
        assert said.count("  image ") == len(CHOSEN)
        assert "all images are in their cases" in said
        address, link = links(out)["Rafael Duarte"]
        with enter(address, link) as observer:
            first = shown(observer)
            cases = cases_of(observer)
            heads = {case: observer.get(f"/api/cases/{case}/documents/record/history").json() for case in cases}
        assert sorted(each["kind"] for each in first) == ["dicom", "dicom", "dicom", "dicom", "ecg", "photo"]
        assert all(each["alt"] and each["caption"].endswith(NOT_OURS) for each in first)
        assert all(each["thumbnail"] and each["preview"] for each in first)
        assert max(each["frames"] for each in first) == 30
        assert sorted(history["head"] for history in heads.values()) == [3, 5]  # a figure each, after what was seeded
        for history in heads.values():
            assert {entry["author"]["name"] for entry in history["entries"][1:]} <= {
                "Dr Amara Okafor",
                "Dr Jonas Müller",
                "Dr 林美華 Lin Mei-Hua",
            }
        address, link = links(out)["Prof. Ingrid Solheim"]
        with enter(address, link) as moderator:
            waiting = [each for case in cases for each in moderator.get(f"/api/cases/{case}/uploads").json()["uploads"]]
            assert [each["state"] for each in waiting] == ["needs-review"]
        address, link = links(out)["Dr Jonas Müller"]
        with enter(address, link) as writer:
            galleries = {case: writer.get(f"/api/cases/{case}/media").json()["media"] for case in cases}
            case, removed = next((case, e) for case, those in galleries.items() for e in those if e["kind"] == "ecg")
            path = f"/api/cases/{case}/media/{removed['id']}"
            assert writer.delete(path, headers={"Origin": address}).status_code == 200
    again = tmp_path / "second.txt"
    with demo(tmp_path / "demo", again):
        assert "  image " not in again.read_text()
        address, link = links(again)["Rafael Duarte"]
        with enter(address, link) as observer:
            assert {each["id"] for each in shown(observer)} == {each["id"] for each in first} - {removed["id"]}
