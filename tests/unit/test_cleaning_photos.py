"""What becomes of a photo: its pixels, and nothing else."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from server.cleaning import photo, traces
from server.cleaning.outcome import Cleaned, Rejected
from server.cleaning.photo import PhotoPolicy
from server.cleaning.raster import Bounds
from server.cleaning.sniff import Form, Sniffed, sniff
from tests.unit.marked import MAKERS, Markers, chunk, heic, painted, png, segment
from workspace.media import Kind, Reason


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def outcome(folder: Path, octets: bytes, policy: PhotoPolicy | None = None) -> Cleaned | Rejected:
    source = folder / "source"
    source.write_bytes(octets)
    found = sniff(source)
    assert isinstance(found, Sniffed)
    return photo.clean(found.form, source, folder, policy or PhotoPolicy(), silent)


def cleaned(folder: Path, octets: bytes, policy: PhotoPolicy | None = None) -> Cleaned:
    made = outcome(folder, octets, policy)
    assert isinstance(made, Cleaned), made
    return made


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def shown(made: Cleaned) -> Image.Image:
    with Image.open(made.file) as image:
        image.load()
        return image


def close(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures' pixels, 0 to 255."""
    difference = np.asarray(one.convert("RGB"), np.int16) - np.asarray(other.convert("RGB"), np.int16)
    return float(np.abs(difference).mean())


@pytest.mark.parametrize("form", MAKERS)
def test_no_marker_survives(form: str, tmp_path: Path) -> None:
    """[CLN-2] [CLN-3] Words in every place where a picture can hold them, and files hung behind it."""
    mark = Markers()
    octets = MAKERS[form](mark)
    made = cleaned(tmp_path, octets)
    result = made.file.read_bytes()
    assert len(mark.given) >= 3
    assert mark.left_in(result) == []
    assert b"PK\x03\x04" not in result
    assert b"<script>" not in result
    assert made.kind is Kind.PHOTO
    assert close(shown(made), painted()) < 4


@pytest.mark.parametrize("form", MAKERS)
def test_the_second_look_would_see_what_is_left(form: str, tmp_path: Path) -> None:
    """[CLN-3] It knows the words of the original by itself, and finds each that is put back."""
    mark = Markers()
    source = tmp_path / "source"
    source.write_bytes(MAKERS[form](mark))
    words = traces.original_words(Form(form), source)
    known = [word for word in mark.given if any(word.encode() in each for each in words)]
    assert len(known) >= 0.85 * len(mark.given)
    kept = tmp_path / "kept.png"
    kept.write_bytes(saved(painted(), "PNG") + known[0].encode())
    assert traces.foreign_pieces(Form.PNG, kept) == ["after"]
    kept.write_bytes(saved(painted(), "JPEG", comment=b" ".join(words)))
    assert traces.foreign_pieces(Form.JPEG, kept) == ["COM"]
    assert traces.survivors(words, Form.JPEG, kept)


@pytest.mark.parametrize(
    "octets",
    [
        saved(painted(), "PNG")[:-12] + chunk(b"tEXt", b"Name\0Hans") + saved(painted(), "PNG")[-12:],
        saved(painted(), "PNG")[:-12] + chunk(b"IDAT", b"Hans Meier") + saved(painted(), "PNG")[-12:],
    ],
)
def test_the_second_look_reads_a_png_to_its_end(octets: bytes, tmp_path: Path) -> None:
    """[CLN-3] Chunks that do not belong there, and bytes behind the compressed pixels."""
    kept = tmp_path / "kept.png"
    kept.write_bytes(octets)
    assert traces.foreign_pieces(Form.PNG, kept)


def test_the_second_look_reads_a_jpeg_s_header(tmp_path: Path) -> None:
    """[CLN-3] Even the small picture that JFIF allows."""
    whole = saved(painted(), "JPEG")
    assert whole[2:4] == b"\xff\xe0"
    kept = tmp_path / "kept.jpg"
    kept.write_bytes(whole)
    assert traces.foreign_pieces(Form.JPEG, kept) == []
    kept.write_bytes(whole[:2] + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01abc") + whole[20:])
    assert traces.foreign_pieces(Form.JPEG, kept) == ["APP0"]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(form: str, orientation: int, tmp_path: Path) -> None:
    """[CLN-2] And says no more how it was held."""
    corner = Image.new("RGB", (48, 32), "white")
    corner.paste("red", (0, 0, 16, 16))
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    held = corner if orientation == 1 else corner.transpose(Image.Transpose(back[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = cleaned(tmp_path, saved(held, form, exif=exif))
    assert close(shown(made), corner) < 4
    assert (made.attributes["width"], made.attributes["height"]) == (48, 32)
    assert shown(made).getexif().get(0x0112) is None


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "1", "I;16"])
def test_what_was_lossless_stays_so(mode: str, tmp_path: Path) -> None:
    """[CLN-4] To the last bit, 16 bits of grey too."""
    if mode == "I;16":
        image = Image.fromarray(np.arange(96 * 64, dtype=np.uint16).reshape(64, 96) * 10)
    else:
        image = painted().convert(mode)
    for form in ("PNG", "TIFF"):
        made = cleaned(tmp_path, saved(image, form))
        wanted = image if mode == "I;16" else image.convert("RGB" if mode == "P" else "L" if mode == "1" else mode)
        assert made.content_type == "image/png"
        assert np.array_equal(np.asarray(shown(made)), np.asarray(wanted))
        assert made.attributes["bits"] == (16 if mode == "I;16" else 8)


def test_a_jpeg_stays_close_to_what_it_was(tmp_path: Path) -> None:
    """[CLN-4] Written a second time, at a stated quality: at least 38 dB for a picture full of edges."""
    source = saved(painted(640, 480), "JPEG", quality=90)
    made = cleaned(tmp_path, source)
    with Image.open(io.BytesIO(source)) as was:
        difference = np.asarray(was, np.float64) - np.asarray(shown(made), np.float64)
    assert 10 * np.log10(255**2 / np.mean(difference**2)) > 38
    assert made.certificate["coding"] == "jpeg"


def test_printers_colours_become_a_screen_s(tmp_path: Path) -> None:
    """[CLN-4] CMYK, as scanners write it."""
    made = cleaned(tmp_path, saved(painted().convert("CMYK"), "JPEG", quality=95))
    assert shown(made).mode == "RGB"
    assert close(shown(made), painted()) < 6


def test_a_profile_is_applied_and_dropped(tmp_path: Path) -> None:
    """[CLN-4] Colours of another space are those of sRGB afterwards; one that is sRGB already changes nothing."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = cleaned(tmp_path, saved(painted(), "PNG", icc_profile=lab))
    assert np.array_equal(np.asarray(shown(made)), np.asarray(painted()))
    assert "icc_profile" not in shown(made).info
    swapped = lab.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")
    made = cleaned(tmp_path, saved(Image.new("RGB", (8, 8), "red"), "PNG", icc_profile=swapped))
    red, _, blue = np.asarray(shown(made))[0, 0]
    assert blue > red


def test_a_broken_profile_is_passed_over(tmp_path: Path) -> None:
    """[CLN-4] As browsers do."""
    made = cleaned(tmp_path, saved(painted(), "PNG", icc_profile=b"no profile at all"))
    assert np.array_equal(np.asarray(shown(made)), np.asarray(painted()))


def test_what_was_painted_under_a_transparent_place_is_gone(tmp_path: Path) -> None:
    """[CLN-4] An eraser that only makes transparent erases nothing."""
    image = painted().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    made = cleaned(tmp_path, saved(image, "PNG"))
    assert shown(made).getextrema() == ((255, 255), (255, 255), (255, 255))


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_keeps_its_frames(form: str, tmp_path: Path) -> None:
    """[CLN-4] Each as it was, for as long as it was shown."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    options: dict[str, object] = {"lossless": True} if form == "WEBP" else {}
    octets = saved(frames[0], form, save_all=True, append_images=frames[1:], duration=[100, 200, 300], **options)
    made = cleaned(tmp_path, octets)
    assert made.attributes["frames"] == 3
    assert made.attributes["seconds"] == pytest.approx(0.6)
    with Image.open(made.file) as image:
        seen = []
        for number in range(3):
            image.seek(number)
            seen.append(image.convert("RGB").getpixel((20, 15)))
    assert seen == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]


def test_further_pages_are_left_out(tmp_path: Path) -> None:
    """[CLN-2] Scanners of slides put the label, with its name, on a page of its own."""
    octets = saved(painted(), "TIFF", save_all=True, append_images=[painted(20, 20), painted(30, 30)])
    made = cleaned(tmp_path, octets)
    assert made.certificate["pages_left_out"] == 2
    assert shown(made).size == (96, 64)


@pytest.mark.parametrize("turns", range(4))
def test_a_phone_s_picture_is_put_together_and_turned(turns: int, tmp_path: Path) -> None:
    """[CLN-4] HEIC in tiles, with a smaller picture beside: what is seen is the primary one."""
    image = painted(192, 128)
    made = cleaned(tmp_path, heic(Markers(), image, turns))
    wanted = image.rotate(90 * turns, expand=True)
    assert made.content_type == "image/jpeg"
    assert (made.attributes["width"], made.attributes["height"]) == wanted.size
    assert close(shown(made), wanted) < 4


def test_a_phone_s_picture_of_another_size_than_it_says_is_refused(tmp_path: Path) -> None:
    """[CLN-6]"""
    octets = heic(Markers())
    lying = octets.replace(struct.pack(">II", 96, 64), struct.pack(">II", 95, 64))
    assert lying != octets
    assert outcome(tmp_path, lying) == Rejected(Reason.UNREADABLE)
    huge = octets.replace(struct.pack(">II", 96, 64), struct.pack(">II", 60_000, 60_000))
    assert outcome(tmp_path, huge) == Rejected(Reason.TOO_MUCH_INSIDE)


def bomb(width: int, height: int) -> bytes:
    """A PNG of many pixels in few bytes."""
    rows = zlib.compress(bytes((width + 1) * 1000), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "octets",
    [
        bomb(60_000, 60_000),
        saved(painted(), "GIF").replace(struct.pack("<HH", 96, 64), struct.pack("<HH", 65_535, 65_535)),
        saved(painted(), "BMP").replace(struct.pack("<ii", 96, 64), struct.pack("<ii", 90_000, 90_000)),
    ],
)
def test_a_bomb_is_not_unpacked(octets: bytes, tmp_path: Path) -> None:
    """[CLN-5] The header alone says how much it would be."""
    assert outcome(tmp_path, octets) == Rejected(Reason.TOO_MUCH_INSIDE)


def test_an_animation_of_too_much_is_refused(tmp_path: Path) -> None:
    """[CLN-5] All frames together count."""
    frames = [Image.new("RGB", (40, 30), (each, 0, 0)) for each in range(20)]
    octets = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert isinstance(outcome(tmp_path, octets), Cleaned)
    tight = PhotoPolicy(bounds=Bounds(max_animated_pixels=20 * 40 * 30 - 1))
    assert outcome(tmp_path, octets, tight) == Rejected(Reason.TOO_MUCH_INSIDE)
    tight = PhotoPolicy(bounds=Bounds(max_frames=19))
    assert outcome(tmp_path, octets, tight) == Rejected(Reason.TOO_MUCH_INSIDE)


@pytest.mark.parametrize("form", MAKERS)
def test_a_file_that_was_cut_off_is_refused(form: str, tmp_path: Path) -> None:
    """[CLN-6] Half of a picture is not shown as if it were all of it."""
    whole = heic(Markers()) if form == "heic" else saved(painted(400, 300), form.upper())
    assert outcome(tmp_path, whole[: len(whole) // 2]) == Rejected(Reason.UNREADABLE)


@pytest.mark.parametrize(
    "octets", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0\0\0", b"RIFF\0\0\0\0WEBP"]
)
def test_a_signature_alone_is_no_picture(octets: bytes, tmp_path: Path) -> None:
    """[CLN-6]"""
    assert outcome(tmp_path, octets) == Rejected(Reason.UNREADABLE)


def test_numbers_beyond_16_bits_are_refused_by_name(tmp_path: Path) -> None:
    """[CLN-6] They could not be shown as what they are."""
    floating = Image.fromarray(np.linspace(0, 1, 96, dtype=np.float32).reshape(8, 12))
    assert outcome(tmp_path, saved(floating, "TIFF")) == Rejected(Reason.UNSUPPORTED)


def test_the_certificate_names_both_files(tmp_path: Path) -> None:
    """[CLN-3] By their digests, and says what was done."""
    made = cleaned(tmp_path, png(Markers()))
    assert made.certificate["sha256_before"] == photo.digest(tmp_path / "source")
    assert made.certificate["sha256_after"] == photo.digest(made.file)
    assert made.certificate["words_looked_for"] != 0


def test_whoever_watches_can_end_it(tmp_path: Path) -> None:
    """[CLN-6] What is raised while reporting goes through."""

    class Enough(Exception):
        pass

    def impatient(done: int, _total: int) -> None:
        if done:
            raise Enough

    (tmp_path / "source").write_bytes(saved(painted(), "PNG"))
    with pytest.raises(Enough):
        photo.clean(Form.PNG, tmp_path / "source", tmp_path, PhotoPolicy(), impatient)
