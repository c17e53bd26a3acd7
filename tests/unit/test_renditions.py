"""What is made for viewers of photos, videos and documents."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import numpy as np
import pytest
from PIL import Image

from server.cleaning import pdf, photo, video
from server.cleaning.outcome import Cleaned
from server.cleaning.pdf import PdfPolicy
from server.cleaning.photo import PhotoPolicy
from server.cleaning.raster import Bounds
from server.cleaning.redaction import Redaction
from server.cleaning.sniff import Form
from server.cleaning.video import VideoPolicy
from server.renditions.photos import render as render_photo
from server.renditions.pyramid import TILE, pyramid
from server.renditions.render import render
from server.renditions.rendition import Pack, Rendered, write_json
from tests.unit.films import plain
from tests.unit.marked import painted

SCHEMA = jsonschema_rs.validator_for(
    json.loads((Path(__file__).parents[2] / "docs" / "media-manifest.schema.json").read_text())
)


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def manifest(rendered: Rendered) -> Mapping[str, Any]:
    """The manifest, held to its schema."""
    (file,) = [each.file for each in rendered.renditions if each.role == "manifest"]
    said: dict[str, Any] = json.loads(file.read_text())
    SCHEMA.validate(said)
    return said


def octets(rendered: Rendered) -> dict[str, bytes]:
    return {each.role: each.file.read_bytes() for each in rendered.renditions}


def sizes(rendered: Rendered) -> dict[str, tuple[int, int]]:
    found = {}
    for each in rendered.renditions:
        if each.content_type == "image/webp":
            with Image.open(each.file) as image:
                assert image.size == (each.width, each.height)
                found[each.role] = image.size
    return found


def cleaned_photo(parent: Path, image: Image.Image, form: Form = Form.PNG) -> Cleaned:
    source = parent / "source"
    image.save(source, form)
    made = photo.clean(form, source, folder(parent, "cleaned"), PhotoPolicy(), silent)
    assert isinstance(made, Cleaned)
    return made


def cleaned_video(parent: Path) -> Cleaned:
    made = video.clean(Form.MP4, plain(parent, "plain.mp4"), folder(parent, "cleaned"), VideoPolicy(), silent)
    assert isinstance(made, Cleaned)
    return made


def cleaned_document(parent: Path) -> Cleaned:
    pages = [painted(400, 300), painted(300, 500)]
    pages[0].save(parent / "source.pdf", "PDF", save_all=True, append_images=pages[1:], resolution=150)
    seen: dict[int | None, Redaction] = {}
    made = pdf.clean(parent / "source.pdf", folder(parent, "cleaned"), PdfPolicy(review=seen), silent)
    assert isinstance(made, Cleaned)
    return made


@pytest.mark.parametrize("size", [(4000, 1000), (1000, 4000), (500, 400), (10, 7)])
def test_a_photo_has_small_pictures(size: tuple[int, int], tmp_path: Path) -> None:
    """[REN-3] No larger than they have to be, and never larger than the photo."""
    made = render(cleaned_photo(tmp_path, painted(*size)), folder(tmp_path, "made"), silent)
    for role, longest in (("thumbnail", 320), ("thumbnail-large", 640), ("preview", 2048)):
        width, height = sizes(made)[role]
        assert max(width, height) == min(longest, max(size))
        assert width / height == pytest.approx(size[0] / size[1], rel=0.15)
    assert manifest(made)["width"] == size[0]
    assert ("tiles" in manifest(made)) is (max(size) >= 3072)


def test_16_bit_grey_is_spread_over_what_a_screen_shows(tmp_path: Path) -> None:
    """[REN-3] From its darkest to its brightest."""
    pixels = (1000 + np.arange(100 * 80, dtype=np.uint16) % 500).reshape(80, 100)
    made = render(cleaned_photo(tmp_path, Image.fromarray(pixels)), folder(tmp_path, "made"), silent)
    with Image.open(io.BytesIO(octets(made)["preview"])) as image:
        seen = np.asarray(image.convert("L"))
    assert seen.min() < 12
    assert seen.max() > 243
    assert manifest(made)["bits"] == 16


@pytest.mark.parametrize("shape", [(1, 1), (511, 513), (1024, 1537), (1300, 700, 3), (2049, 1025, 3)])
@pytest.mark.parametrize("at_once", [1, 300, 512, 5000])
def test_tiles_make_up_the_picture(shape: tuple[int, ...], at_once: int, tmp_path: Path) -> None:
    """[REN-4] On each level, whatever strips it comes in; each level is half of the one before, rounded up."""
    if at_once == 1 and shape[0] > 600:
        at_once = 37
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    pixels = ((x // 9 + y // 7) % 256).astype(np.uint8)
    if len(shape) == 3:
        pixels = np.stack([pixels, pixels // 2, 255 - pixels], axis=-1)
    with (tmp_path / "tiles").open("wb") as file:
        strips = (pixels[at : at + at_once] for at in range(0, shape[0], at_once))
        said, kept = pyramid(shape[1], shape[0], strips, Pack(file), 600)
    packed = (tmp_path / "tiles").read_bytes()
    wanted = pixels.astype(np.float64)
    levels: Any = said["levels"]
    for level in levels:
        assert (level["width"], level["height"]) == (wanted.shape[1], wanted.shape[0])
        for row, places in enumerate(level["tiles"]):
            for column, (offset, length) in enumerate(places):
                with Image.open(io.BytesIO(packed[offset : offset + length])) as tile:
                    part = wanted[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                    assert tile.size == (part.shape[1], part.shape[0])
                    assert np.abs(np.asarray(tile, np.float64) - part).mean() < 4
        padded = np.pad(
            wanted, [(0, wanted.shape[0] % 2), (0, wanted.shape[1] % 2), *[(0, 0)] * (wanted.ndim - 2)], "edge"
        )
        wanted = (padded[0::2, 0::2] + padded[1::2, 0::2] + padded[0::2, 1::2] + padded[1::2, 1::2]) / 4
    assert max(levels[-1]["width"], levels[-1]["height"]) <= TILE
    assert max(kept.size) <= 600
    assert sum(length for level in levels for row in level["tiles"] for _, length in row) == len(packed)


def test_a_picture_beyond_memory_is_tiled_as_it_comes(tmp_path: Path) -> None:
    """[REN-4] From the rows of its file, and its small pictures from a level."""
    source = tmp_path / "source"
    painted(1500, 1200).save(source, "TIFF")
    tight = Bounds(max_pixels=1_000)
    made = photo.clean(Form.TIFF, source, folder(tmp_path, "cleaned"), PhotoPolicy(bounds=tight), silent)
    assert isinstance(made, Cleaned)
    rendered = render_photo(made, folder(tmp_path, "made"), silent, tight)
    assert [len(level["tiles"]) for level in manifest(rendered)["tiles"]["levels"]] == [3, 2, 1]
    with Image.open(io.BytesIO(octets(rendered)["preview"])) as image:
        assert image.size == (1500, 1200)
        assert np.abs(np.asarray(image.convert("RGB"), np.int16) - np.asarray(painted(1500, 1200))).mean() < 4


def test_rows_that_are_missing_are_noticed(tmp_path: Path) -> None:
    """[REN-4]"""
    with (tmp_path / "tiles").open("wb") as file, pytest.raises(ValueError, match="missing"):
        pyramid(10, 10, [np.zeros((9, 10), np.uint8)], Pack(file), 100)


def test_a_video_has_a_poster(tmp_path: Path) -> None:
    """[REN-3] A picture of it, in all sizes."""
    made = render(cleaned_video(tmp_path), folder(tmp_path, "made"), silent)
    assert sizes(made) == {"thumbnail": (160, 120), "thumbnail-large": (160, 120), "preview": (160, 120)}
    with Image.open(io.BytesIO(octets(made)["preview"])) as image:
        assert np.asarray(image.convert("L")).std() > 30
    said = manifest(made)
    assert (said["codec"], said["has_sound"], said["poster_second"]) == ("h264", False, 0.2)


def test_a_document_has_pictures_of_its_pages(tmp_path: Path) -> None:
    """[REN-2] One behind the other in one object; each is where the manifest says."""
    made = render(cleaned_document(tmp_path), folder(tmp_path, "made"), silent)
    said = manifest(made)
    packed = octets(made)["pages"]
    seen = []
    for page in said["pages"]:
        offset, length = page["place"]
        with Image.open(io.BytesIO(packed[offset : offset + length])) as image:
            assert image.format == "WEBP"
            seen.append(image.size)
    assert seen == [(400, 300), (300, 500)]
    assert sizes(made)["thumbnail"] == (320, 240)


@pytest.mark.parametrize("kind", ["photo", "video", "document"])
def test_the_same_file_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    """[REN-1]"""
    made = {
        "photo": lambda: cleaned_photo(tmp_path, painted(3100, 100)),
        "video": lambda: cleaned_video(tmp_path),
        "document": lambda: cleaned_document(tmp_path),
    }[kind]()
    first = octets(render(made, folder(tmp_path, "first"), silent))
    assert first == octets(render(made, folder(tmp_path, "second"), silent))
    assert {"thumbnail", "thumbnail-large", "preview", "manifest"} <= set(first)


def test_numbers_that_are_none_are_not_written(tmp_path: Path) -> None:
    """[REN-1] JSON knows none of them, and browsers stop reading there."""
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "manifest.json", {"slope": float("nan")})
