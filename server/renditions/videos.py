"""A video's poster: a picture from its beginning that shows something. [REN-3]"""

from __future__ import annotations

from pathlib import Path

from PIL.Image import Image

from server.cleaning import ffmpeg
from server.cleaning.ffmpeg import Failed, Means
from server.cleaning.outcome import Cleaned, Json, Report
from server.cleaning.raster import Bounds, decoded, opened
from server.cleaning.sniff import Form
from server.renditions.rendition import Rendered, Rendition, head, write_json
from server.renditions.small import small_pictures
from workspace.media import Kind

LATEST = 10.0
"""Seconds: a tenth of the video, but no later, since many begin in black and few stay so."""
MEANS = Means(seconds=120)


def render(cleaned: Cleaned, folder: Path, report: Report) -> Rendered:
    """A poster in all sizes, and the manifest. Raises: ffmpeg.Failed, ffmpeg.TookTooLong; OSError."""
    report(0, 1)
    form = Form.MATROSKA if cleaned.content_type == "video/webm" else Form.MP4
    seconds = cleaned.attributes.get("seconds")
    at = min(LATEST, seconds / 10) if isinstance(seconds, int | float) else 0.0
    made = list(small_pictures(_picture(form, cleaned.file, folder, at), folder))
    said: dict[str, Json] = {**cleaned.attributes, **head(Kind.VIDEO), "poster_second": round(at, 3)}
    write_json(folder / "manifest.json", said)
    made.append(Rendition("manifest", folder / "manifest.json", "application/json"))
    report(1, 1)
    return Rendered(made)


def _picture(form: Form, file: Path, folder: Path, at: float) -> Image:
    poster = folder / "poster.png"
    for second in (at, 0.0):
        where = ["-ss", f"{second:.3f}"] if second else []
        one = ["-map", "0:v:0", "-frames:v", "1", "-f", "image2", "-update", "1", f"file:{poster.resolve()}"]
        ffmpeg.run([*where, *ffmpeg.source(form, file), *one], MEANS)
        if poster.exists() and poster.stat().st_size:
            break
    else:
        raise Failed("no picture")
    with opened(Form.PNG, poster, Bounds()) as image:
        picture = decoded(image).image
    poster.unlink()
    return picture
