"""`consilium store`: our S3 server and nothing else, for nodes that run elsewhere and have no other."""

from __future__ import annotations

import asyncio
import signal
import sys

from server.embedded.keeper import kept_store
from server.premises import only_server
from server.settings import Settings

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Its keys are those of the settings, which the nodes have too, or of its folder.
    Raises: CommandFailed."""
    with only_server(settings):
        asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stopped = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    origins = [*([settings.public_url] if settings.public_url else []), *settings.allowed_origins]
    # It wants one at least, and takes none for all there are.
    async with kept_store(settings, origins or ["http://127.0.0.1"], settings.host):
        sys.stdout.write(f"Consilium keeps images and files in {settings.objects_folder}\n")
        sys.stdout.flush()
        await stopped.wait()
