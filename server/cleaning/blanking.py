"""Blanks parts of pixels by rewriting them, frame by frame [DEI-10].

Uncompressed pixels stay in their transfer syntax. Compressed ones are decoded, blanked and written as JPEG 2000 without
loss: what could be seen before can be seen after, to the last grey level, and no second lossy step is added to one that
the object's history tells of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import JPEG2000Lossless

from server.cleaning.elements import Dataset, Leaf, Syntax, find
from server.cleaning.pixels import PHOTOMETRIC, PLANAR, Progress, Shape
from server.cleaning.reading import Pixels, Source, Unreadable
from server.cleaning.registry import quiet
from server.cleaning.writing import PixelWriter, encapsulated_pixels, native_pixels
from workspace.deidentification.outcome import Reason, Rectangle

Mask: TypeAlias = npt.NDArray[np.bool_]
Frame: TypeAlias = npt.NDArray[np.generic]
_SMALLEST, _LARGEST, _LOSSY = 0x00280106, 0x00280107, 0x00282110
_PALETTES = (0x00281201, 0x00281202, 0x00281203)
_OFFSET_TABLES = (0x7FE00001, 0x7FE00002, 0x7FE00003)
_LOSSLESS = Syntax(str(JPEG2000Lossless), encapsulated=True)
# .50 and .51 JPEG, .81 JPEG-LS near-lossless, .91 JPEG 2000, .203 HTJ2K: what was thrown away stays away.
_LOSSY_SYNTAXES = {f"1.2.840.10008.1.2.4.{each}" for each in (50, 51, 81, 91, 203)}


@dataclass(frozen=True, slots=True)
class Masks:
    """What to blank in each frame: regions to keep, or rectangles to blank."""

    shape: Shape
    keep: tuple[Rectangle, ...] = ()
    blank: tuple[Rectangle, ...] = ()

    def of(self, frame: int) -> Mask | None:
        """True where a pixel is blanked; None if none is."""
        mask = np.full((self.shape.rows, self.shape.columns), bool(self.keep))
        for each in self.keep:
            mask[each.top : each.top + each.height, each.left : each.left + each.width] = False
        for each in self.blank:
            if each.frames is None or frame in each.frames:
                mask[each.top : each.top + each.height, each.left : each.left + each.width] = True
        return mask if mask.any() else None


def check_places(blank: Sequence[Rectangle], shape: Shape) -> None:
    """Raises Unreadable if a rectangle or a frame is not in the image."""
    for each in blank:
        inside = 0 <= each.left < each.left + each.width <= shape.columns
        if not inside or not 0 <= each.top < each.top + each.height <= shape.rows:
            raise Unreadable(Reason.WRONG_PLACE)
        if each.frames is not None and not all(0 <= frame < shape.frames for frame in each.frames):
            raise Unreadable(Reason.WRONG_PLACE)


def may_rewrite(source: Source, pixels: Pixels, shape: Shape) -> bool:
    """Whether the pixels of this object can be decoded and written here."""
    if pixels.tag & 0xFFFF != 0x0010 or shape.bits not in (8, 16, 32) or shape.samples not in (1, 3):
        return False
    if source.syntax.encapsulated:
        try:
            return bool(get_decoder(source.syntax.uid).is_available) and shape.bits <= 16
        except NotImplementedError:
            return False
    # Bytes of 8-bit pixels lie swapped in big-endian words.
    return not (source.syntax.big_endian and shape.bits == 8)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The object with other pixels: what its dataset says of them now, and how they are written."""

    dataset: Dataset
    syntax: Syntax
    pixels: PixelWriter


def rewritten(source: Source, dataset: Dataset, masks: Masks, progress: Progress) -> Rewritten:
    """`dataset` (which is `source`'s, cleaned) with pixels blanked under `masks`.

    Raises:
        Unreadable: the pixels cannot be decoded; only while they are written.
    """
    pixels = source.pixels
    if pixels is None:
        raise Unreadable(Reason.DAMAGED, "no pixels")
    dataset = _without(dataset, (_SMALLEST, _LARGEST, *_OFFSET_TABLES))
    if not source.syntax.encapsulated:
        frames = _native_frames(source, pixels, masks, _darkest(dataset), progress)
        writer = native_pixels(pixels.tag, pixels.vr, masks.shape.total_bytes, source.syntax, frames)
        return Rewritten(dataset, source.syntax, writer)
    shape = _decoded_shape(masks.shape)
    encoded = _encoded_frames(source, masks, shape, _darkest(dataset), progress)
    return Rewritten(_described(dataset, shape, source), _LOSSLESS, encapsulated_pixels(pixels.tag, _LOSSLESS, encoded))


def _native_frames(source: Source, pixels: Pixels, masks: Masks, darkest: int, progress: Progress) -> Iterator[bytes]:
    shape, length = masks.shape, masks.shape.frame_bits() // 8
    start, available = pixels.stretches[0]
    if available < shape.total_bytes:
        raise Unreadable(Reason.DAMAGED, "too few pixels")
    kind = f"{source.syntax.order}{'i' if shape.signed else 'u'}{shape.bits // 8}"
    with source.path.open("rb") as file:
        file.seek(start)
        for index in range(shape.frames):
            frame = np.frombuffer(bytearray(file.read(length)), dtype=kind)
            if (mask := masks.of(index)) is not None:
                _blank(frame, mask, shape, darkest)
            progress(index + 1, shape.frames)
            yield frame.tobytes()


def _blank(frame: Frame, mask: Mask, shape: Shape, darkest: int) -> None:
    """Blanks in place; `frame` has the order of the file."""
    blank = _blank_values(shape, darkest)
    if shape.samples == 1:
        frame.reshape(mask.shape)[mask] = blank[0]
    elif shape.subsampled:
        # Two lights and the colour that both share: blanked if one of the two is.
        pairs = mask.reshape(shape.rows, -1, 2).any(axis=2)
        frame.reshape(shape.rows, -1, 4)[pairs] = (blank[0], blank[0], blank[1], blank[2])
    elif shape.planar:
        for plane, value in zip(frame.reshape(3, *mask.shape), blank, strict=True):
            plane[mask] = value
    else:
        frame.reshape(*mask.shape, 3)[mask] = blank


def _blank_values(shape: Shape, darkest: int) -> tuple[int, int, int]:
    """What black is, sample by sample (PS3.3 §C.7.6.3.1.2)."""
    lowest = -(1 << (shape.stored - 1)) if shape.signed else 0
    highest = lowest + (1 << shape.stored) - 1
    match shape.photometric:
        case "MONOCHROME1":
            return highest, highest, highest
        case "PALETTE COLOR":
            return darkest, darkest, darkest
        case "YBR_FULL" | "YBR_FULL_422":
            middle = 1 << (shape.stored - 1)
            return 0, middle, middle
        case _:
            return lowest, lowest, lowest


def _darkest(dataset: Dataset) -> int:
    """The palette's darkest entry, counted from the first value that it maps; 0 if there is no palette to read."""
    tables = [find(dataset, tag) for tag in _PALETTES]
    values = [np.frombuffer(bytes(t.value), "<u2") for t in tables if isinstance(t, Leaf) and len(t.value) % 2 == 0]
    if len(values) != 3 or len({len(each) for each in values}) != 1 or not len(values[0]):
        return 0
    return int(np.sum([each.astype(np.uint32) for each in values], axis=0).argmin())


def _decoded_shape(shape: Shape) -> Shape:
    """What frames are once they are decoded: colours as RGB, by pixel."""
    colours = "RGB" if shape.samples == 3 else shape.photometric
    return replace(shape, photometric=colours, planar=False)


def _encoded_frames(
    source: Source, masks: Masks, shape: Shape, darkest: int, progress: Progress
) -> Iterator[tuple[int, Iterator[bytes]]]:
    # No table of offsets: one fragment is one frame (PS3.5 §A.4.4).
    yield 0, iter(())
    encoder = get_encoder(JPEG2000Lossless)
    for index, frame in enumerate(_decoded_frames(source, masks.shape)):
        if (mask := masks.of(index)) is not None:
            _blank(frame, mask, shape, darkest)
        try:
            encoded = encoder.encode(
                frame,
                rows=shape.rows,
                columns=shape.columns,
                number_of_frames=1,
                samples_per_pixel=shape.samples,
                bits_allocated=shape.bits,
                bits_stored=shape.stored,
                pixel_representation=int(shape.signed),
                photometric_interpretation="YBR_RCT" if shape.samples == 3 else shape.photometric,
                planar_configuration=0,
            )
        except (RuntimeError, ValueError, AttributeError):
            raise Unreadable(Reason.CANNOT_BLANK, "encoding") from None
        progress(index + 1, shape.frames)
        yield len(encoded), iter((encoded,))


def _decoded_frames(source: Source, shape: Shape) -> Iterator[Frame]:
    if source.pixels is None:
        return
    with source.path.open("rb") as file, quiet():
        # The decoder reads fragments by itself, from the first item, the table of offsets, on.
        file.seek(source.pixels.stretches[0][0] - 8)
        count = 0
        for frame in _decoder_frames(file, source.syntax.uid, shape):
            count += 1
            if count > shape.frames or frame.size != shape.rows * shape.columns * shape.samples:
                raise Unreadable(Reason.DAMAGED, "frame")
            yield np.array(frame)
        if count != shape.frames:
            raise Unreadable(Reason.DAMAGED, "frame")


def _decoder_frames(file: BinaryIO, uid: str, shape: Shape) -> Iterator[Frame]:
    frames = get_decoder(uid).iter_array(
        file,
        rows=shape.rows,
        columns=shape.columns,
        number_of_frames=shape.frames,
        samples_per_pixel=shape.samples,
        bits_allocated=shape.bits,
        bits_stored=shape.stored,
        pixel_representation=int(shape.signed),
        photometric_interpretation=shape.photometric,
        planar_configuration=int(shape.planar),
        pixel_keyword="PixelData",
    )
    while True:
        try:
            frame, _ = next(frames)
        except StopIteration:
            return
        except Exception as error:
            # Decoders raise whatever their libraries do, OSError for a cut-off JPEG included.
            raise Unreadable(Reason.DAMAGED, type(error).__name__) from None
        yield frame


def _described(dataset: Dataset, shape: Shape, source: Source) -> Dataset:
    """The image pixel module as the rewritten pixels need it; the lossy history stays what it was."""
    order = source.syntax.order
    photometric = "YBR_RCT" if shape.samples == 3 else shape.photometric
    changed: dict[int, Leaf] = {
        PHOTOMETRIC: Leaf(PHOTOMETRIC, "CS", photometric.encode().ljust(len(photometric) + len(photometric) % 2))
    }
    if shape.samples == 3:
        changed[PLANAR] = Leaf(PLANAR, "US", (0).to_bytes(2, "little" if order == "<" else "big"))
    if source.syntax.uid in _LOSSY_SYNTAXES:
        changed[_LOSSY] = Leaf(_LOSSY, "CS", b"01")
    return (*_without(dataset, tuple(changed)), *changed.values())


def _without(dataset: Dataset, tags: Sequence[int]) -> Dataset:
    return tuple(node for node in dataset if node.tag not in tags)
