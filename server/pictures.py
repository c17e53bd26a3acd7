"""Pictures of people: whatever was uploaded is decoded and encoded anew, small and square, with nothing beside pixels.

What an upload claims to be is not believed; the decoders named here are tried, and no others. [ACC-2]
"""

from __future__ import annotations

import asyncio
from io import BytesIO

from PIL import Image, ImageOps

from storage.ports import Picture
from workspace.errors import InvalidRequest, TooMany

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
FORMAT = "webp/1"
SIDE = 256
MOST_PIXELS = 40_000_000
"""A telephone's photo; decoded it takes 160 MB, so that one at a time is decoded."""
MOST_WAITING = 8


class Darkroom:
    """Makes one picture at a time, off the event loop."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(1)
        self._waiting = 0

    async def develop(self, body: bytes) -> Picture:
        """The picture to keep. Raises: InvalidRequest with the reason, TooMany."""
        if self._waiting >= MOST_WAITING:
            raise TooMany(retry_after_seconds=2)
        self._waiting += 1
        try:
            async with self._gate:
                return Picture(FORMAT, await asyncio.to_thread(develop, body))
        finally:
            self._waiting -= 1


def develop(body: bytes) -> bytes:
    """A square WebP of an image's first frame, upright, on white. Raises: InvalidRequest."""
    try:
        with Image.open(BytesIO(body), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InvalidRequest(f"picture: more than {MOST_PIXELS // 1_000_000} million pixels")
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded at a fraction of its size
            upright = ImageOps.exif_transpose(image).convert("RGBA")
        small = ImageOps.fit(upright, (SIDE, SIDE))
        white = Image.new("RGBA", small.size, "white")
        white.alpha_composite(small)
        kept = BytesIO()
        white.convert("RGB").save(kept, "WEBP", quality=82)
    except InvalidRequest:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidRequest(f"picture: more than {MOST_PIXELS // 1_000_000} million pixels") from error
    except (
        Exception
    ) as error:  # the decoders raise whatever a broken file makes them: OSError, SyntaxError, struct.error
        raise InvalidRequest("picture: not an image that can be read; JPEG, PNG, WebP or GIF") from error
    return kept.getvalue()
