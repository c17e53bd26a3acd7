"""What a file is, told by its bytes and never by its name or by what its sender calls it. [CLN-1]

Signatures: ISO/IEC 10918-1 (JPEG), W3C PNG §5.2, RFC 9649 (WebP), TIFF 6.0, ISO/IEC 14496-12 §4.3 (`ftyp`), RFC 9559
(Matroska), DICOM PS3.10 §7.1, ISO 32000-1 §7.5.2 (PDF).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from workspace.media import Kind

HEAD_BYTES = 4096
"""All that is read of a file; every signature stands in it."""


class Form(StrEnum):
    """Forms of files that are taken in."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    GIF = "gif"
    TIFF = "tiff"
    BMP = "bmp"
    AVIF = "avif"
    HEIC = "heic"
    DICOM = "dicom"
    MP4 = "mp4"
    """ISO base media and QuickTime: one reader reads both."""
    MATROSKA = "matroska"
    """WebM too, which is a part of it."""
    AVI = "avi"
    PDF = "pdf"


class What(StrEnum):
    """What a refused file is, as the page says it in every language."""

    EMPTY = "empty"
    ARCHIVE = "archive"
    """Zip and its like: what is in it can be dropped by itself."""
    OFFICE = "office-document"
    WEB_PAGE = "web-page"
    SVG = "svg-drawing"
    PROGRAM = "program"
    TEXT = "text"
    """Scripts, playlists and tables too."""
    SOUND = "sound"
    OTHER_PICTURE = "other-picture"
    OTHER_VIDEO = "other-video"
    VOLUME = "volume"
    """NIfTI and its like: made for research, without the safeguards of DICOM."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A file that is taken in."""

    kind: Kind
    form: Form


@dataclass(frozen=True, slots=True)
class Foreign:
    """A file that is not."""

    what: What


KINDS = {
    Form.DICOM: Kind.DICOM,
    Form.MP4: Kind.VIDEO,
    Form.MATROSKA: Kind.VIDEO,
    Form.AVI: Kind.VIDEO,
    Form.PDF: Kind.PDF,
}
"""All others are photos."""

TAKEN = (
    (b"\xff\xd8\xff", Form.JPEG),
    (b"\x89PNG\r\n\x1a\n", Form.PNG),
    (b"GIF87a", Form.GIF),
    (b"GIF89a", Form.GIF),
    (b"II*\0", Form.TIFF),
    (b"MM\0*", Form.TIFF),
    (b"II+\0", Form.TIFF),
    (b"\x1a\x45\xdf\xa3", Form.MATROSKA),
    (b"%PDF-", Form.PDF),
)
REFUSED = (
    (b"Rar!\x1a\x07", What.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", What.ARCHIVE),
    (b"BZh", What.ARCHIVE),
    (b"\xfd7zXZ\0", What.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", What.ARCHIVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", What.OFFICE),
    (b"{\\rtf", What.OFFICE),
    (b"\x7fELF", What.PROGRAM),
    (b"\xca\xfe\xba\xbe", What.PROGRAM),
    (b"\xcf\xfa\xed\xfe", What.PROGRAM),
    (b"\xce\xfa\xed\xfe", What.PROGRAM),
    (b"\0asm", What.PROGRAM),
    (b"ID3", What.SOUND),
    (b"fLaC", What.SOUND),
    (b"#!AMR", What.SOUND),
    (b"MM\0+", What.OTHER_PICTURE),
    (b"8BPS", What.OTHER_PICTURE),
    (b"\0\0\0\x0cjP  \r\n\x87\n", What.OTHER_PICTURE),
    (b"\xff\x4f\xff\x51", What.OTHER_PICTURE),
    (b"\0\0\0\x0cJXL \r\n\x87\n", What.OTHER_PICTURE),
    (b"\xff\x0a", What.OTHER_PICTURE),
    (b"%!PS", What.OTHER_PICTURE),
    (b"\0\0\x01\0", What.OTHER_PICTURE),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", What.OTHER_VIDEO),
    (b"FLV\x01", What.OTHER_VIDEO),
    (b"\0\0\x01\xba", What.OTHER_VIDEO),
    (b"\0\0\x01\xb3", What.OTHER_VIDEO),
)
RIFF: dict[bytes, Form | What] = {b"WEBP": Form.WEBP, b"AVI ": Form.AVI, b"WAVE": What.SOUND}
BRANDS: dict[bytes, Form | What] = {
    b"avif": Form.AVIF,
    b"avis": Form.AVIF,
    b"heic": Form.HEIC,
    b"heix": Form.HEIC,
    b"heim": Form.HEIC,
    b"heis": Form.HEIC,
    b"hevc": Form.HEIC,
    b"hevx": Form.HEIC,
    b"crx ": What.OTHER_PICTURE,
    b"M4A ": What.SOUND,
    b"M4B ": What.SOUND,
}
"""`ftyp` brands that are not a video; `mif1` and `msf1` say only that it is a picture, the next brand which."""
OLD_QUICKTIME = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
"""What a QuickTime file of before `ftyp` begins with."""
GZIPPED_NIFTI_IS_A_GZIP = b"\x1f\x8b"
PDF_WITHIN = 1024
"""Readers of PDF look for its header in so many bytes."""
EXPLICIT_VR = re.compile(
    rb"AE|AS|AT|CS|DA|DS|DT|FD|FL|IS|LO|LT|OB|OD|OF|OL|OV|OW|PN|SH|SL|SQ|SS|ST|SV|TM|UC|UI|UL|UN|UR|US|UT|UV"
)
OFFICE_INSIDE = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis", b"mimetypeapplication/epub", b"_rels/")


def sniff(source: Path) -> Sniffed | Foreign:
    """What `source` is. Only its first 4 KiB are read; that the rest holds to it is for the one who decodes it.

    Raises: OSError.
    """
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    found = _form(head)
    return Foreign(found) if isinstance(found, What) else Sniffed(KINDS.get(found, Kind.PHOTO), found)


def _form(head: bytes) -> Form | What:
    """DICOM first: its preamble may hold the header of anything, and only its own cleaner takes out what it holds."""
    if not head:
        return What.EMPTY
    if _is_dicom(head):
        return Form.DICOM
    for signature, form in TAKEN:
        if head.startswith(signature):
            return form
    for signature, what in REFUSED:
        if head.startswith(signature):
            return what
    return _by_structure(head)


def _by_structure(head: bytes) -> Form | What:
    """What takes more than a signature to tell."""
    if head[:4] == b"RIFF":
        return RIFF.get(head[8:12], What.UNKNOWN)
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head[4:8] in OLD_QUICKTIME and int.from_bytes(head[:4], "big") >= 8:
        return Form.MP4
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return Form.BMP
    if head[:2] == b"PK":
        return What.OFFICE if any(name in head for name in OFFICE_INSIDE) else What.ARCHIVE
    if head[:2] == GZIPPED_NIFTI_IS_A_GZIP or head[257:262] == b"ustar":
        return What.ARCHIVE
    if head[:2] == b"MZ":
        return What.PROGRAM
    if head[344:347] in {b"n+1", b"ni1"} or head.startswith((b"NRRD0", b"\x5c\x01\0\0")):
        return What.VOLUME
    if head[:4] == b"OggS" or (head[0] == 0xFF and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return What.SOUND
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return What.OTHER_VIDEO
    if b"%PDF-" in head[:PDF_WITHIN]:
        return Form.PDF
    return _text(head)


def _brand(head: bytes) -> Form | What:
    """The first brand that says what the file is: the major one, then those it is compatible with."""
    length = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))]
    known = [BRANDS[brand] for brand in brands if brand in BRANDS]
    return known[0] if known else Form.MP4


def _is_dicom(head: bytes) -> bool:
    """With the preamble of PS3.10, or beginning with a data element, as old archives write it."""
    if head[128:132] == b"DICM":
        return True
    if len(head) < 16:
        return False
    for order in ("little", "big"):
        group = int.from_bytes(head[:2], order)
        element = int.from_bytes(head[2:4], order)
        if group not in {2, 8} or element > 0x0070:
            continue
        if EXPLICIT_VR.fullmatch(head[4:6]):
            return True
        if order == "little" and int.from_bytes(head[4:8], order) <= 0x400:
            # Implicit VR: nothing but a plausible length; what follows must be an element of the same group or later.
            after = 8 + int.from_bytes(head[4:8], order)
            if head[after : after + 2] in {b"\x02\0", b"\x08\0"}:
                return True
    return False


def _text(head: bytes) -> What:
    """Words of some kind, or nothing known."""
    words = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024].lower()
    if words.startswith((b"<svg", b"<?xml")) and b"<svg" in head.lower():
        return What.SVG
    if words.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<?xml", b"<!--")):
        return What.WEB_PAGE
    try:
        decoded = head[:-4].decode() if len(head) == HEAD_BYTES else head.decode()
    except UnicodeDecodeError:
        return What.TEXT if head.startswith((b"\xff\xfe", b"\xfe\xff")) else What.UNKNOWN
    return What.UNKNOWN if any(ord(letter) < 9 or 14 <= ord(letter) < 32 for letter in decoded) else What.TEXT
