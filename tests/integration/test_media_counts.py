"""What the process that cleans files tells the server beside which it works."""

from __future__ import annotations

import asyncio
from pathlib import Path

from prometheus_client import CollectorRegistry

from server.media_meters import MediaMeters
from server.media_worker.beside import kept_media_worker
from server.settings import load_settings
from storage.stores import open_stores
from tests.contract.sample import add_people, new_case
from tests.contract.test_uploads import quarantined
from tests.servers import wait_until

WAIT_SECONDS = 100


async def test_a_server_counts_what_is_done_beside_it(tmp_path: Path) -> None:
    """[OPS-8] Through the pipe, while the process lives. There is no storage here, so that is what comes of it."""
    settings = load_settings({"CONSILIUM_DATA": str(tmp_path), "CONSILIUM_MEDIA_WORKERS": "1"})
    meters, registry = MediaMeters(), CollectorRegistry()
    for each in meters.collectors:
        registry.register(each)

    def counted() -> float | None:
        return registry.get_sample_value("consilium_media_ended_total", {"came": "storage-away", "reason": ""})

    async with open_stores(settings.database) as stores:
        await add_people(stores)
        await stores.cases.create(new_case())
        await quarantined(stores)
        async with kept_media_worker(settings, stores, meters):
            await asyncio.to_thread(
                wait_until, lambda: counted() is not None, seconds=WAIT_SECONDS, what="the first count"
            )
    assert counted() == 1.0
