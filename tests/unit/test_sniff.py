"""Files are told by their bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from server.cleaning.sniff import Foreign, Form, Sniffed, What, sniff
from tests.unit.marked import MAKERS, Markers
from workspace.media import Kind


def written(folder: Path, octets: bytes) -> Path:
    file = folder / "file"
    file.write_bytes(octets)
    return file


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return file.getvalue()


def box(name: bytes, payload: bytes) -> bytes:
    return (len(payload) + 8).to_bytes(4, "big") + name + payload


@pytest.mark.parametrize("form", MAKERS)
def test_it_knows_pictures(form: str, tmp_path: Path) -> None:
    """[CLN-1] Whatever they are called."""
    assert sniff(written(tmp_path, MAKERS[form](Markers()))) == Sniffed(Kind.PHOTO, Form(form))


@pytest.mark.parametrize(
    ("octets", "kind", "form"),
    [
        (box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41"), Kind.VIDEO, Form.MP4),
        (box(b"ftyp", b"qt  \0\0\0\0qt  "), Kind.VIDEO, Form.MP4),
        (box(b"wide", b"") + box(b"mdat", b"x"), Kind.VIDEO, Form.MP4),
        (box(b"ftyp", b"heic\0\0\0\0mif1heic"), Kind.PHOTO, Form.HEIC),
        (box(b"ftyp", b"mif1\0\0\0\0mif1heic"), Kind.PHOTO, Form.HEIC),
        (box(b"ftyp", b"mif1\0\0\0\0mif1avif"), Kind.PHOTO, Form.AVIF),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01", Kind.VIDEO, Form.MATROSKA),
        (b"RIFF\0\0\0\0AVI LIST", Kind.VIDEO, Form.AVI),
        (b"%PDF-1.7\n", Kind.PDF, Form.PDF),
        (b"\xef\xbb\xbf\n  %PDF-1.4\n", Kind.PDF, Form.PDF),
        (b"II*\0" + bytes(124) + b"DICM", Kind.DICOM, Form.DICOM),
        (b"MZ" + bytes(126) + b"DICM", Kind.DICOM, Form.DICOM),
    ],
)
def test_it_knows_what_is_taken(octets: bytes, kind: Kind, form: Form, tmp_path: Path) -> None:
    """[CLN-1] A DICOM preamble may hold the header of something else."""
    assert sniff(written(tmp_path, octets)) == Sniffed(kind, form)


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small_implicit.dcm", "ExplVR_BigEndNoMeta.dcm", "ExplVR_LitEndNoMeta.dcm"],
)
def test_it_knows_dicom_without_a_preamble(name: str) -> None:
    """[CLN-1] As old archives write it."""
    path = get_testdata_file(name)
    assert isinstance(path, str)
    assert sniff(Path(path)) == Sniffed(Kind.DICOM, Form.DICOM)


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        (b"", What.EMPTY),
        (zipped("a.dcm"), What.ARCHIVE),
        (zipped("[Content_Types].xml", "word/document.xml"), What.OFFICE),
        (b"\x1f\x8b\x08\0", What.ARCHIVE),
        (b"Rar!\x1a\x07\x01\0", What.ARCHIVE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", What.OFFICE),
        (b"<!DOCTYPE html><p>", What.WEB_PAGE),
        (b"  <script>alert(1)</script>", What.WEB_PAGE),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', What.SVG),
        (b"<svg onload=alert(1)>", What.SVG),
        (b"MZ\x90\0", What.PROGRAM),
        (b"\x7fELF\x02", What.PROGRAM),
        (b"#!/bin/sh\nrm -rf /\n", What.TEXT),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", What.TEXT),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", What.TEXT),
        ("Müller, Hans\n".encode(), What.TEXT),
        ("Müller, Hans\n".encode("utf-16"), What.TEXT),
        (b"ID3\x04\0", What.SOUND),
        (b"RIFF\0\0\0\0WAVEfmt ", What.SOUND),
        (box(b"ftyp", b"M4A \0\0\0\0M4A "), What.SOUND),
        (b"8BPS\0\x01", What.OTHER_PICTURE),
        (b"\0\0\0\x0cjP  \r\n\x87\n", What.OTHER_PICTURE),
        (b"FLV\x01\x05", What.OTHER_VIDEO),
        (bytes(344) + b"n+1\0", What.VOLUME),
        (b"\0\1\2\3\4\5\6\7", What.UNKNOWN),
        (b"\xff", What.UNKNOWN),
    ],
)
def test_it_says_what_a_refused_file_is(octets: bytes, what: What, tmp_path: Path) -> None:
    """[CLN-1] So that a person learns what to do with it."""
    assert sniff(written(tmp_path, octets)) == Foreign(what)


def test_the_name_says_nothing(tmp_path: Path) -> None:
    """[CLN-1]"""
    liar = tmp_path / "holiday.jpg"
    liar.write_bytes(b"MZ\x90\0")
    assert sniff(liar) == Foreign(What.PROGRAM)
