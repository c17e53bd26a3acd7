"""Documents: pictures of their pages, which a person looks through, and a new PDF that holds those alone. [CLN-11]

Painted by PDFium without a form environment, so that no script and no action of the file ever runs (ISO 32000-1
§12.6.4). The new file is written by hand (§7.5): a catalogue, pages, and one JPEG each.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pypdfium2
from PIL.Image import Image

from server.cleaning import remains
from server.cleaning.outcome import Cleaned, Json, NeedsReview, Outcome, Picture, Rejected, Report
from server.cleaning.photo import digest
from server.cleaning.redaction import Redaction, blank, by_frame
from server.cleaning.traces import words_in
from workspace.media import Kind, Reason

FORMAT = "pdf-certificate/1"
POINTS_PER_INCH = 72
QUALITY = 88
"""Of the JPEG of a page: small print stays sharp."""
LEAST = 8
ENCRYPTED = ("password", "security")
"""What PDFium says of a file that it may not open."""


@dataclass(frozen=True, slots=True)
class PdfPolicy:
    """How documents are cleaned."""

    max_pages: int = 300
    dots_per_inch: int = 150
    max_page_pixels: int = 20_000_000
    """A page that would have more is painted smaller: an A0 poster at 90 dots an inch."""
    review: Mapping[int | None, Redaction] | None = None
    """By page, counted from 0, or None for all; absent until a person looked through it."""


class _Locked(Exception):
    """It takes a password."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is seen."""

    number: int
    image: Image
    points: tuple[float, float] = field(default=(0.0, 0.0))


def clean(source: Path, folder: Path, policy: PdfPolicy, report: Report) -> Outcome:
    """Ask a person first; with their answer, write what is left to be seen. Raises: OSError, what `report` does."""
    try:
        document = _open(source)
    except _Locked:
        return Rejected(Reason.ENCRYPTED)
    except pypdfium2.PdfiumError:
        return Rejected(Reason.UNREADABLE)
    try:
        pages = len(document)
        if pages < 1:
            return Rejected(Reason.UNREADABLE)
        if pages > policy.max_pages:
            return Rejected(Reason.TOO_MUCH_INSIDE)
        report(0, pages)
        if policy.review is None:
            return NeedsReview(Reason.MAY_SHOW_TEXT, tuple(_pictures(document, folder, policy, report)))
        return _rewritten(document, source, folder, policy, policy.review, report)
    except (pypdfium2.PdfiumError, MemoryError):
        return Rejected(Reason.UNREADABLE)
    finally:
        document.close()


def _open(source: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if any(word in str(error).lower() for word in ENCRYPTED):
            raise _Locked from error
        raise


def painted(document: pypdfium2.PdfDocument, dots_per_inch: int, max_pixels: int) -> Iterator[Page]:
    """Each page in its turn, on white, with what is drawn on it. Raises: pypdfium2.PdfiumError."""
    for number in range(len(document)):
        page = document[number]
        try:
            width, height = page.get_size()
            if not (width > 0 and height > 0):
                raise pypdfium2.PdfiumError("a page without a size")
            scale = dots_per_inch / POINTS_PER_INCH
            scale = min(scale, (max_pixels / (width * height)) ** 0.5)
            # PDFium rounds up: without this, 500.0000001 pixels would be 501.
            bitmap = page.render(scale=scale * (1 - 1e-7), may_draw_forms=False)
            yield Page(number, bitmap.to_pil().convert("RGB"), (width, height))
        finally:
            page.close()


def _pictures(document: pypdfium2.PdfDocument, folder: Path, policy: PdfPolicy, report: Report) -> Iterator[Picture]:
    for page in painted(document, policy.dots_per_inch, policy.max_page_pixels):
        file = folder / f"page-{page.number + 1:04d}.jpg"
        page.image.save(file, "JPEG", quality=QUALITY)
        yield Picture(page.number, file, "image/jpeg", *page.image.size)
        report(page.number + 1, len(document))


def _rewritten(
    document: pypdfium2.PdfDocument,
    source: Path,
    folder: Path,
    policy: PdfPolicy,
    review: Mapping[int | None, Redaction],
    report: Report,
) -> Outcome:
    file, count = folder / "document.pdf", len(document)
    words = _words(document)
    with file.open("wb") as target:
        writer = _Writer(target, count)
        for page in painted(document, policy.dots_per_inch, policy.max_page_pixels):
            marks = by_frame(review, page.number)
            image = blank(page.image, marks) if marks.count else page.image
            writer.add(image, page.points)
            report(page.number, count)
        writer.end()
    if remains.words_in_file(words, file):
        return Rejected(Reason.IDENTIFIERS_LEFT)
    certificate: dict[str, Json] = {
        "format": FORMAT,
        "pages": count,
        "dots_per_inch": policy.dots_per_inch,
        "blanked": sum(marks.count for marks in review.values()),
        "reviewed": True,
        "words_looked_for": len(words),
        "sha256_before": digest(source),
        "sha256_after": digest(file),
    }
    report(count, count)
    return Cleaned(file, "application/pdf", Kind.PDF, {"pages": count, "frames": count}, certificate)


def _words(document: pypdfium2.PdfDocument) -> frozenset[bytes]:
    """Of what is written on the pages and said of the document."""
    found = {value.encode(errors="replace") for value in document.get_metadata_dict().values()}
    for number in range(len(document)):
        page = document[number]
        try:
            text = page.get_textpage()
            found.add(text.get_text_bounded().encode(errors="replace"))
            text.close()
        finally:
            page.close()
    return frozenset(word for text in found for word in words_in(text) if len(word) >= LEAST)


class _Writer:
    """A PDF of one picture a page; nothing says who made it or when."""

    def __init__(self, file: BinaryIO, pages: int) -> None:
        self._file = file
        self._places: list[int] = []
        file.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        kids = b" ".join(b"%d 0 R" % (3 + 3 * number) for number in range(pages))
        self._add(b"<< /Type /Catalog /Pages 2 0 R >>")
        self._add(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids))

    def add(self, image: Image, points: tuple[float, float]) -> None:
        """Append a page of so many points' width and height."""
        file = io.BytesIO()
        image.save(file, "JPEG", quality=QUALITY)
        first, (width, height) = len(self._places) + 1, points
        shown = b"q %.3f 0 0 %.3f 0 0 cm /P Do Q" % (width, height)
        self._add(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.3f %.3f] /Contents %d 0 R"
            b" /Resources << /XObject << /P %d 0 R >> >> >>" % (width, height, first + 1, first + 2)
        )
        self._add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown))
        self._add(
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8"
            b" /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream"
            % (*image.size, len(file.getvalue()), file.getvalue())
        )

    def _add(self, words: bytes) -> None:
        self._places.append(self._file.tell())
        self._file.write(b"%d 0 obj\n%s\nendobj\n" % (len(self._places), words))

    def end(self) -> None:
        """Write the table of places (§7.5.4) and the trailer."""
        start, count = self._file.tell(), len(self._places) + 1
        self._file.write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        self._file.write(b"".join(b"%010d 00000 n \n" % place for place in self._places))
        self._file.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start))
