"""What becomes of a PDF: pictures of its pages, after somebody looked at each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from server.cleaning import pdf
from server.cleaning.outcome import Cleaned, NeedsReview, Outcome, Rejected
from server.cleaning.pdf import PdfPolicy
from server.cleaning.redaction import Box, Redaction
from tests.unit.marked import Markers
from workspace.media import Kind, Reason

SEEN: Mapping[int | None, Redaction] = {}
"""What somebody answers who found nothing."""


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def document(folder: Path, mark: Markers, pages: int = 2) -> Path:
    """Text, a script, an attached file, a form's note, metadata and a link, all marked."""
    writer = PdfWriter()
    for number in range(pages):
        page = writer.add_blank_page(300, 200)
        stream = DecodedStreamObject()
        stream.set_data(f"0 0 1 rg 20 120 100 40 re f BT /F1 12 Tf 20 60 Td ({mark(f'text{number}')}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        writer.add_annotation(number, FreeText(text=mark("note"), rect=(200, 20, 280, 60)))
    writer.add_metadata({"/Author": mark("author"), "/Title": mark("title"), "/Producer": mark("producer")})
    script = DictionaryObject()
    script[NameObject("/S")] = NameObject("/JavaScript")
    script[NameObject("/JS")] = TextStringObject(f"app.alert('{mark('script')}')")
    writer.root_object[NameObject("/OpenAction")] = script
    writer.add_attachment(mark("attached") + ".txt", mark.octets("inside"))
    writer.write(folder / "document.pdf.source")
    return folder / "document.pdf.source"


def outcome(source: Path, policy: PdfPolicy | None = None) -> Outcome:
    return pdf.clean(source, source.parent, policy or PdfPolicy(review=SEEN), silent)


def cleaned(source: Path, policy: PdfPolicy | None = None) -> Cleaned:
    made = outcome(source, policy)
    assert isinstance(made, Cleaned), made
    return made


def test_a_person_looks_through_it_first(tmp_path: Path) -> None:
    """[CLN-11] Page by page, in the size in which they mark."""
    made = outcome(document(tmp_path, Markers()), PdfPolicy())
    assert isinstance(made, NeedsReview)
    assert made.reason is Reason.MAY_SHOW_TEXT
    assert [(each.frame, each.width, each.height) for each in made.pictures] == [(0, 625, 417), (1, 625, 417)]
    with Image.open(made.pictures[0].file) as image:
        assert image.size == (625, 417)
        assert np.asarray(image)[120, 150].tolist()[2] > 200


def test_no_marker_survives(tmp_path: Path) -> None:
    """[CLN-11] Text, notes, scripts, attached files and metadata: what others get are pictures."""
    mark = Markers()
    source = document(tmp_path, mark)
    assert len(mark.left_in(source.read_bytes())) == len(mark.given)
    made = cleaned(source)
    result = made.file.read_bytes()
    assert mark.left_in(result) == []
    for name in (
        b"/JS",
        b"/JavaScript",
        b"/EmbeddedFile",
        b"/Annots",
        b"/Info",
        b"/Metadata",
        b"/OpenAction",
        b"/Font",
    ):
        assert name not in result
    assert made.kind is Kind.PDF
    assert made.attributes["pages"] == 2


def test_others_read_the_new_file(tmp_path: Path) -> None:
    """[CLN-11] Two readers that are not ours, without a complaint; each page keeps its size."""
    made = cleaned(document(tmp_path, Markers()))
    reader = PdfReader(made.file, strict=True)
    assert [tuple(map(float, page.mediabox)) for page in reader.pages] == [(0, 0, 300, 200)] * 2
    assert reader.metadata is None
    assert [page.extract_text() for page in reader.pages] == ["", ""]
    document_again = pypdfium2.PdfDocument(made.file)
    shown = np.asarray(document_again[1].render(scale=2).to_pil().convert("RGB"))
    document_again.close()
    assert shown.shape == (400, 600, 3)
    assert shown[120, 140].tolist()[2] > 200
    assert shown[10, 10].min() > 240


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    """[CLN-11] Nothing says when it was made."""
    source = document(tmp_path, Markers())
    assert cleaned(source).certificate == cleaned(source).certificate


def test_what_a_person_marked_is_gone_from_its_page(tmp_path: Path) -> None:
    """[CLN-7] [CLN-11] On that page alone, or on all."""
    source = document(tmp_path, Markers())
    box = Redaction((Box(40, 80, 300, 100),))
    answers: list[tuple[Mapping[int | None, Redaction], list[bool]]] = [
        ({1: box}, [False, True]),
        ({None: box}, [True, True]),
    ]
    for marks, blanked in answers:
        made = cleaned(source, PdfPolicy(review=marks))
        assert made.certificate["blanked"] == 1
        again = pypdfium2.PdfDocument(made.file)
        for number, is_black in enumerate(blanked):
            shown = np.asarray(again[number].render(scale=150 / 72).to_pil().convert("RGB"))
            assert bool(shown[90:170, 50:330].max() < 16) is is_black
        again.close()


@pytest.mark.parametrize("password", ["secret"])
def test_a_locked_document_is_refused_by_name(password: str, tmp_path: Path) -> None:
    """[CLN-11] [CLN-6]"""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt(password)
    writer.write(tmp_path / "locked.pdf")
    assert outcome(tmp_path / "locked.pdf") == Rejected(Reason.ENCRYPTED)


def test_more_pages_than_anybody_looks_through_are_refused(tmp_path: Path) -> None:
    """[CLN-5]"""
    source = document(tmp_path, Markers(), 4)
    assert outcome(source, PdfPolicy(max_pages=3)) == Rejected(Reason.TOO_MUCH_INSIDE)


def test_a_huge_page_is_painted_smaller(tmp_path: Path) -> None:
    """[CLN-5] The bound is on pixels, whatever size a page claims."""
    writer = PdfWriter()
    writer.add_blank_page(14_400, 14_400)
    writer.write(tmp_path / "huge.pdf")
    made = outcome(tmp_path / "huge.pdf", PdfPolicy(max_page_pixels=1_000_000))
    assert isinstance(made, NeedsReview)
    assert made.pictures[0].width * made.pictures[0].height <= 1_010_000


@pytest.mark.parametrize("octets", [b"%PDF-1.7\n", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF"])
def test_a_header_alone_is_no_document(octets: bytes, tmp_path: Path) -> None:
    """[CLN-6]"""
    (tmp_path / "broken.pdf").write_bytes(octets)
    assert outcome(tmp_path / "broken.pdf") == Rejected(Reason.UNREADABLE)


def test_what_pillow_writes_is_read(tmp_path: Path) -> None:
    """[CLN-11] A scan, as copiers send it."""
    scan = Image.new("L", (600, 800), 255)
    ImageDraw.Draw(scan).rectangle((100, 100, 200, 200), fill=0)
    scan.save(tmp_path / "scan.pdf", "PDF", resolution=100)
    assert cleaned(tmp_path / "scan.pdf").attributes["pages"] == 1
