"""What viewers need of a cleaned file, by its kind. [REN-1]"""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from server.cleaning.outcome import Cleaned, Report
from server.renditions import dicom, documents, photos, videos
from server.renditions.rendition import Rendered
from workspace.media import Kind


def render(cleaned: Cleaned, folder: Path, report: Report) -> Rendered:
    """Write renditions into `folder`, which holds nothing else. The same file gives the same bytes.

    Raises: OSError of the disk, what `report` does, and what decoders do for a file that no cleaner made.
    """
    match cleaned.kind:
        case Kind.PHOTO:
            return photos.render(cleaned, folder, report)
        case Kind.VIDEO:
            return videos.render(cleaned, folder, report)
        case Kind.PDF:
            return documents.render(cleaned, folder, report)
        case Kind.DICOM | Kind.ECG:
            return dicom.render(cleaned, folder, report)
        case other:
            assert_never(other)
