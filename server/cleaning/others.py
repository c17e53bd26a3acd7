"""Everything that is not DICOM, by its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from server.cleaning import pdf, photo, video
from server.cleaning.outcome import Outcome, Rejected, Report
from server.cleaning.pdf import PdfPolicy
from server.cleaning.photo import PhotoPolicy
from server.cleaning.redaction import Redaction, by_frame
from server.cleaning.sniff import Sniffed
from server.cleaning.video import VideoPolicy
from workspace.media import Kind, Reason


@dataclass(frozen=True, slots=True)
class Policies:
    """How each kind is cleaned."""

    photo: PhotoPolicy = field(default_factory=PhotoPolicy)
    video: VideoPolicy = field(default_factory=VideoPolicy)
    pdf: PdfPolicy = field(default_factory=PdfPolicy)

    def reviewed(self, marks: Mapping[int | None, Redaction]) -> Policies:
        """The same, after a person marked what is to be blanked, by page where there are pages."""
        whole = by_frame(marks, 0)
        once = whole if whole.count else None
        return Policies(
            replace(self.photo, redaction=once), replace(self.video, redaction=once), replace(self.pdf, review=marks)
        )


def clean(found: Sniffed, source: Path, folder: Path, policies: Policies, report: Report) -> Outcome:
    """Clean `source` into a new file in `folder`. Raises: OSError of the disk, what `report` does."""
    match found.kind:
        case Kind.PHOTO:
            return photo.clean(found.form, source, folder, policies.photo, report)
        case Kind.VIDEO:
            return video.clean(found.form, source, folder, policies.video, report)
        case Kind.PDF:
            return pdf.clean(source, folder, policies.pdf, report)
        case Kind.DICOM | Kind.ECG:
            return Rejected(Reason.UNSUPPORTED, "DICOM has a cleaner of its own")
