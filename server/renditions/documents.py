"""A document's pages as pictures, and small ones of the first. [REN-3] [REN-2]"""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
from PIL.Image import Image

from server.cleaning.outcome import Cleaned, Json, Report
from server.cleaning.pdf import PdfPolicy, painted
from server.renditions.rendition import Pack, Rendered, Rendition, head, write_json
from server.renditions.small import small_pictures
from workspace.media import Kind

QUALITY = 85


def render(cleaned: Cleaned, folder: Path, report: Report) -> Rendered:
    """Every page of a cleaned document. Raises: pypdfium2.PdfiumError; OSError."""
    policy = PdfPolicy()
    pages: list[Json] = []
    first: Image | None = None
    document = pypdfium2.PdfDocument(cleaned.file)
    try:
        count = len(document)
        with (folder / "pages").open("wb") as file:
            pack = Pack(file)
            for page in painted(document, policy.dots_per_inch, policy.max_page_pixels):
                first = first or page.image
                coded = io.BytesIO()
                page.image.save(coded, "WEBP", quality=QUALITY, method=2)
                width, height = page.image.size
                pages.append({"width": width, "height": height, "place": pack.add(coded.getvalue())})
                report(page.number + 1, count)
    finally:
        document.close()
    if first is None:
        raise pypdfium2.PdfiumError("no pages")
    said: dict[str, Json] = {
        **head(Kind.PDF),
        "pages": pages,
        "page_content_type": "image/webp",
        "dots_per_inch": policy.dots_per_inch,
    }
    write_json(folder / "manifest.json", said)
    made = [
        *small_pictures(first, folder),
        Rendition("pages", folder / "pages", "application/octet-stream"),
        Rendition("manifest", folder / "manifest.json", "application/json"),
    ]
    return Rendered(made)
