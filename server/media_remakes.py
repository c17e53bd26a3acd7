"""`consilium media remake`: what was made of files by earlier rules is made anew by whoever works on media. [REN-11]"""

from __future__ import annotations

import asyncio

from server.premises import OpenNode, make_data_folder
from server.renditions.rules import RULES
from server.settings import Settings
from storage.ports import RemakeLoad


def remake_media(settings: Settings, open_node: OpenNode, *, every: bool) -> str:
    """Have what failed tried once more, or (`every`) all of it made anew: how much there is, in a line. The work itself
    is done beside servers and by workers. Raises: StorageUnavailable."""

    async def run() -> RemakeLoad:
        async with open_node(settings.database, None, 0, None) as stores:
            await stores.remakes.ask(every=every)
            return await stores.remakes.load(RULES)

    make_data_folder(settings)
    waiting = asyncio.run(run()).waiting
    return "nothing is to be made anew" if waiting == 0 else f"{waiting} files are made anew, beside everything else"
