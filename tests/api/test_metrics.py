"""GET /metrics."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.api.conftest import Ward


async def test_what_is_going_on_is_told_and_nothing_of_what(ward: Ward) -> None:
    """[OPS-4] [ERR-2] Rooms, sessions and the process itself, in Prometheus' format; no name, title or id."""
    ada = await ward.person("ada")
    await ward.http.post("/api/cases", json={"title": "Plain marker title"}, headers=await ward.as_(ada))
    answer = await ward.http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    for name in ("consilium_rooms", "consilium_sessions"):
        assert [sample.value for sample in families[name].samples] == [0]
        assert [sample.labels for sample in families[name].samples] == [{}]
    assert "process_resident_memory_bytes" in families
    assert "marker" not in answer.text
    assert ada.id not in answer.text
