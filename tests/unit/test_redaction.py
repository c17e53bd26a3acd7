"""What a person marked is gone from the pixels, and all else is as it was."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from server.cleaning import photo
from server.cleaning.outcome import Cleaned
from server.cleaning.photo import PhotoPolicy
from server.cleaning.redaction import Box, Redaction, Stroke, blank, by_frame, mask
from server.cleaning.sniff import Form

WIDTH, HEIGHT = 61, 43
NUMBERS = st.floats(-30, 90, allow_nan=False)
BOXES = st.builds(Box, NUMBERS, NUMBERS, st.floats(0, 60), st.floats(0, 60))
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6).map(tuple)
STROKES = st.builds(Stroke, POINTS, st.floats(0.1, 30))
REDACTIONS = st.builds(Redaction, st.lists(BOXES, max_size=4).map(tuple), st.lists(STROKES, max_size=3).map(tuple))


def noise(shape: tuple[int, ...], dtype: type[np.uint8 | np.uint16] = np.uint8) -> NDArray[np.uint8 | np.uint16]:
    """Pixels none of which is black."""
    return np.random.default_rng(7).integers(1, np.iinfo(dtype).max, shape, dtype=dtype)


def inside(redaction: Redaction) -> NDArray[np.bool_]:
    """Which pixels are marked, told from each pixel's own place."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    marked = np.zeros((HEIGHT, WIDTH), np.bool_)
    for box in redaction.boxes:
        if box.width > 0 and box.height > 0:
            marked |= (x + 1 > box.x) & (x < box.x + box.width) & (y + 1 > box.y) & (y < box.y + box.height)
    return marked


@given(st.lists(BOXES, max_size=5).map(tuple))
def test_a_box_takes_every_pixel_that_it_touches_and_no_other(boxes: tuple[Box, ...]) -> None:
    """[CLN-7] Also where it begins and ends within one."""
    assert np.array_equal(np.asarray(mask(WIDTH, HEIGHT, Redaction(boxes))), inside(Redaction(boxes)))


@given(REDACTIONS, st.sampled_from(["L", "RGB", "I;16"]))
def test_what_is_marked_is_one_colour_and_the_rest_untouched(redaction: Redaction, mode: str) -> None:
    """[CLN-7]"""
    shape = (HEIGHT, WIDTH, 3) if mode == "RGB" else (HEIGHT, WIDTH)
    before = noise(shape, np.uint16 if mode == "I;16" else np.uint8)
    after = np.asarray(blank(Image.fromarray(before), redaction))
    marked = np.asarray(mask(WIDTH, HEIGHT, redaction))
    assert not after[marked].any()
    assert np.array_equal(after[~marked], before[~marked])
    assert marked[inside(redaction)].all()


@example(((27.0, 0.0), (0.0, 1.75)), 3.0)
@given(POINTS, st.floats(2, 30))
def test_a_stroke_covers_what_its_brush_passed(points: tuple[tuple[float, float], ...], width: float) -> None:
    """[CLN-7] Each point of its path, and half its width around each point that was set."""
    marked = np.asarray(mask(WIDTH, HEIGHT, Redaction(strokes=(Stroke(points, width),))))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    for at_x, at_y in points:
        assert marked[np.hypot(x - at_x, y - at_y) < width / 2 - 1].all()
    for (from_x, from_y), (to_x, to_y) in pairwise(points):
        for part in np.linspace(0, 1, 20):
            at_x, at_y = from_x + (to_x - from_x) * part, from_y + (to_y - from_y) * part
            assert marked[np.hypot(x - at_x, y - at_y) < width / 2 - 1].all()


def test_a_photo_is_written_anew_without_what_is_marked(tmp_path: Path) -> None:
    """[CLN-7] In a PNG to the last bit; a JPEG's blocks around the edge change a little, and nothing shows through."""
    pixels = noise((256, 256, 3))
    policy = PhotoPolicy(redaction=Redaction((Box(64, 64, 64, 32),)))
    for form in (Form.PNG, Form.JPEG):
        (tmp_path / form).mkdir()
        source = tmp_path / form / "source"
        options: dict[str, object] = {"quality": 95, "subsampling": 0} if form is Form.JPEG else {}
        Image.fromarray(pixels).save(source, form, **options)
        made = photo.clean(form, source, tmp_path / form, policy, lambda done, total: None)
        assert isinstance(made, Cleaned)
        assert made.certificate["blanked"] == 1
        with Image.open(made.file) as after, Image.open(source) as before:
            is_now, was = np.asarray(after, np.int16), np.asarray(before, np.int16)
        limit = 0 if form is Form.PNG else 12
        assert is_now[64:96, 64:128].max() <= limit
        outside = np.ones((256, 256), np.bool_)
        outside[56:104, 56:136] = False
        assert np.abs(is_now - was)[outside].mean() <= limit
        # The same photo with something else under the mark ends up as the same bytes.
        other = pixels.copy()
        other[64:96, 64:128] = 255
        if form is Form.PNG:
            Image.fromarray(other).save(source, form)
            again = photo.clean(form, source, tmp_path / form, policy, lambda done, total: None)
            assert isinstance(again, Cleaned)
            assert again.certificate["sha256_after"] == made.certificate["sha256_after"]


@pytest.mark.parametrize(
    "redaction",
    [
        Redaction((Box(float("nan"), 0, 1, 1),)),
        Redaction((Box(0, 0, float("inf"), 1),)),
        Redaction(strokes=(Stroke(((0, 0), (1e300, 0)), 1),)),
        Redaction((Box(0, 0, 1, 1),) * 1_001),
        Redaction(strokes=(Stroke(((0, 0),) * 10_001, 1),)),
    ],
)
def test_marks_that_no_person_makes_are_refused(redaction: Redaction) -> None:
    """[CLN-7]"""
    with pytest.raises(ValueError, match="mark"):
        mask(WIDTH, HEIGHT, redaction)


def test_marks_of_all_pages_come_with_a_page_s_own() -> None:
    """[CLN-7]"""
    everywhere, own = Redaction((Box(0, 0, 1, 1),)), Redaction((Box(2, 2, 1, 1),))
    assert by_frame({None: everywhere, 3: own}, 3).boxes == (*everywhere.boxes, *own.boxes)
    assert by_frame({None: everywhere, 3: own}, 2) == everywhere
