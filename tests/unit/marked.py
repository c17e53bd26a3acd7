"""Pictures with a marker in every place where a picture can hold words; what comes out of cleaning must hold none."""

from __future__ import annotations

import io
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin, TiffImagePlugin

from server.cleaning import ffmpeg

ZIP = b"PK\x03\x04"
SCRIPT = b"<script>alert('MARKED')</script>"


class Markers:
    """Words that stand nowhere else, each handed out once."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self, place: str) -> str:
        word = f"Mark{len(self.given):04d}x{place}"
        self.given.append(word)
        return word

    def octets(self, place: str) -> bytes:
        return self(place).encode()

    def wide(self, place: str) -> bytes:
        return self(place).encode("utf-16-le")

    def left_in(self, cleaned: bytes) -> list[str]:
        """Which of them stand in `cleaned`, plain, wide or reversed in their order of bytes."""
        return [
            word
            for word in self.given
            if any(word.encode(coding) in cleaned for coding in ("utf-8", "utf-16-le", "utf-16-be"))
        ]


def painted(width: int = 96, height: int = 64) -> Image.Image:
    """A picture with something to see in it."""
    y, x = np.mgrid[0:height, 0:width]
    bright = np.hypot(x - width / 2, y - height / 2) < min(width, height) / 3
    planes = [x * 200 // width + bright * 50, y * 200 // height + bright * 50, 100 + bright * 50]
    return Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8))


def profile(mark: Markers) -> bytes:
    """sRGB under a marked name."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return plain.replace(b"s\0R\0G\0B\0", b"s\0R\0G\0B\0") + mark.octets("icc")


def exif(mark: Markers, thumbnail: bytes = b"") -> Image.Exif:
    """Every textual tag of the image, of the camera and of the place."""
    made = Image.Exif()
    for tag in (0x010E, 0x010F, 0x0110, 0x0131, 0x013B, 0x013C, 0x8298, 0x010D, 0x0132):
        made[tag] = mark(f"ifd{tag:x}")
    for tag in (0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F):
        made[tag] = mark.wide(f"xp{tag:x}")
    camera = made.get_ifd(0x8769)
    for tag in (0x9003, 0x9004, 0x9010, 0xA420, 0xA430, 0xA431, 0xA433, 0xA434, 0xA435):
        camera[tag] = mark(f"exif{tag:x}")
    camera[0x9286] = b"UNICODE\0" + mark.wide("usercomment")
    camera[0x927C] = b"Nikon\0" + mark.octets("makernote") + mark.wide("makernotewide")
    place = made.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (52.0, 31.0, 12.0), "E", (13.0, 24.0, 17.0)
    for tag in (0x1B, 0x1C):
        place[tag] = mark.octets(f"gps{tag:x}")
    place[0x08], place[0x12], place[0x1D] = mark("gpssatellites"), mark("gpsdatum"), mark("gpsdate")
    made[0xEA1C] = mark.octets("padding") + thumbnail
    return made


def xmp(mark: Markers) -> bytes:
    """A packet as phones and editors write it."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description dc:creator="{mark("xmp")}" photoshop:City="Zürich {mark("xmpcity")}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def iptc(mark: Markers) -> bytes:
    """A Photoshop resource with IPTC records in it."""
    word = mark.octets("iptc")
    record = b"\x1c\x02\x78" + struct.pack(">H", len(word)) + word
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record + bytes(len(record) % 2)


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def archive(mark: Markers) -> bytes:
    """A zip with a marked name in it, as it is hung behind a picture."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(mark("zip") + ".txt", mark("zipped"))
    return file.getvalue()


def jpeg(mark: Markers) -> bytes:
    """EXIF with a small picture, XMP and its extension, IPTC, comments, all other segments, a second picture, a zip."""
    small = io.BytesIO()
    painted(32, 24).save(small, "JPEG", comment=mark.octets("thumbnailcomment"), exif=exif(mark))
    file = io.BytesIO()
    painted().save(file, "JPEG", quality=90, exif=exif(mark, small.getvalue()), icc_profile=profile(mark))
    whole = file.getvalue()
    added = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(mark))
    added += segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + mark.octets("xmpextension"))
    added += segment(0xE0, b"JFXX\0\x10" + small.getvalue()) + segment(0xED, iptc(mark))
    added += segment(0xE2, b"MPF\0" + mark.octets("mpf"))
    added += b"".join(segment(0xE0 + each, mark.octets(f"app{each}")) for each in range(3, 16) if each not in {13, 14})
    added += segment(0xFE, mark.octets("comment")) + segment(0xFE, "Grüße aus ".encode() + mark.octets("comment2"))
    second = io.BytesIO()
    painted(80, 80).save(second, "JPEG", exif=exif(mark), comment=mark.octets("second"))
    return whole[:2] + added + whole[2:] + second.getvalue() + SCRIPT + archive(mark)


def chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))


def png(mark: Markers) -> bytes:
    """Texts of every kind, EXIF, a profile, private chunks, bytes behind the pixels and behind the end."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", mark("text"))
    info.add_text("Comment", mark("ztext"), zip=True)
    info.add_itxt("Title", mark("itext") + " Zürich", "de", "Titel")
    info.add_itxt("XML:com.adobe.xmp", xmp(mark).decode(), zip=True)
    file = io.BytesIO()
    painted().save(file, "PNG", pnginfo=info, exif=exif(mark), icc_profile=profile(mark))
    whole = file.getvalue()
    private = chunk(b"prVt", mark.octets("private")) + chunk(b"tIME", bytes([7, 232, 1, 1, 1, 1, 1]))
    behind = chunk(b"IDAT", mark.octets("behindpixels"))
    return whole[:33] + private + whole[33:-12] + behind + whole[-12:] + archive(mark)


def webp(mark: Markers) -> bytes:
    """EXIF, XMP, a profile, an unknown chunk, a zip."""
    file = io.BytesIO()
    painted().save(file, "WEBP", lossless=True, exif=exif(mark).tobytes(), xmp=xmp(mark), icc_profile=profile(mark))
    words = mark.octets("unknown")
    words += bytes(len(words) % 2)
    whole = file.getvalue() + b"MARK" + struct.pack("<I", len(words)) + words
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:] + archive(mark)


def gif(mark: Markers) -> bytes:
    """Two frames, a comment, an application's extension and a zip."""
    file = io.BytesIO()
    frames = [painted().quantize(), painted().transpose(Image.Transpose.FLIP_LEFT_RIGHT).quantize()]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], comment=mark.octets("comment"), duration=80)
    whole = file.getvalue()
    words = mark.octets("application")
    extension = b"!\xff\x0bXMP DataXMP" + bytes([len(words)]) + words + b"\0"
    return whole[:-1] + extension + b";" + archive(mark)


def tiff(mark: Markers) -> bytes:
    """Words in every textual tag, XMP, IPTC, EXIF, private tags, and a second page that shows a label."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag in (269, 270, 271, 272, 285, 305, 315, 316, 33432):
        tags[tag] = mark(f"tag{tag}")
    for tag, words in ((700, xmp(mark)), (33723, iptc(mark)), (34377, iptc(mark)), (65000, mark.octets("private"))):
        tags.tagtype[tag] = 7
        tags[tag] = words
    file = io.BytesIO()
    painted().save(
        file,
        "TIFF",
        tiffinfo=tags,
        icc_profile=profile(mark),
        compression="tiff_lzw",
        save_all=True,
        append_images=[painted(40, 40)],
    )
    return file.getvalue() + archive(mark)


def bmp(mark: Markers) -> bytes:
    """Words between the header and the pixels, and a zip."""
    file = io.BytesIO()
    painted().save(file, "BMP")
    whole = file.getvalue()
    (start,) = struct.unpack_from("<I", whole, 10)
    words = mark.octets("gap")
    moved = whole[:10] + struct.pack("<I", start + len(words)) + whole[14:start] + words + whole[start:]
    return moved + archive(mark)


def avif(mark: Markers) -> bytes:
    """EXIF, XMP, a profile, and a free box."""
    file = io.BytesIO()
    painted().save(file, "AVIF", exif=exif(mark), xmp=xmp(mark), icc_profile=profile(mark), speed=10)
    words = mark.octets("free")
    return file.getvalue() + struct.pack(">I", len(words) + 8) + b"free" + words


MAKERS: dict[str, Callable[[Markers], bytes]] = {
    "jpeg": jpeg,
    "png": png,
    "webp": webp,
    "gif": gif,
    "tiff": tiff,
    "bmp": bmp,
    "avif": avif,
}


def all_marked() -> Iterator[tuple[str, Markers, bytes]]:
    """A picture of each form with its markers."""
    for name, make in MAKERS.items():
        mark = Markers()
        yield name, mark, make(mark)


def _box(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload) + 8) + name + payload


def _full(name: bytes, payload: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(name, bytes([version]) + flags.to_bytes(3, "big") + payload)


def _ispe(size: tuple[int, int]) -> bytes:
    return _full(b"ispe", struct.pack(">II", *size))


def _hevc(image: Image.Image) -> tuple[bytes, bytes]:
    """Its decoder's configuration, and the coded picture."""
    with tempfile.TemporaryDirectory() as folder:
        image.save(Path(folder) / "picture.png")
        coding = ["-c:v", "libx265", "-x265-params", "log-level=none", "-crf", "8", "-pix_fmt", "yuv420p"]
        command = [ffmpeg.program(), "-v", "error", "-i", f"{folder}/picture.png", *coding, "-tag:v", "hvc1"]
        subprocess.run([*command, f"{folder}/made.mp4"], check=True, stdin=subprocess.DEVNULL)
        octets = (Path(folder) / "made.mp4").read_bytes()
    found = []
    for name, is_whole in ((b"hvcC", True), (b"mdat", False)):
        at = octets.index(name) - 4
        length = int.from_bytes(octets[at : at + 4], "big")
        found.append(octets[at if is_whole else at + 8 : at + length])
    return found[0], found[1]


def heic(mark: Markers, image: Image.Image | None = None, turns: int = 0) -> bytes:
    """A picture of four tiles, as phones write it, with EXIF, XMP, and a smaller picture that is not the one to see."""
    image = image or painted()
    width, height = image.size
    across, down = width // 2, height // 2
    corners = [(x, y) for y in (0, down) for x in (0, across)]
    tiles = [_hevc(image.crop((x, y, x + across, y + down))) for x, y in corners]
    small = _hevc(painted(64, 64))
    grid = struct.pack(">BBBBHH", 0, 0, 1, 1, width, height)
    items: list[tuple[int, bytes, bytes, bytes]] = [(n + 1, b"hvc1", tile, b"") for n, (_, tile) in enumerate(tiles)]
    items += [(5, b"grid", grid, b""), (6, b"hvc1", small[1], mark.octets("item") + b"\0")]
    items += [(7, b"Exif", bytes(4) + b"Exif\0\0" + exif(mark).tobytes()[6:], b"\0")]
    items += [(8, b"mime", xmp(mark), b"\0application/rdf+xml\0")]
    properties = [tiles[0][0], _ispe((across, down)), _ispe((width, height)), small[0], _ispe((64, 64))]
    properties += [_box(b"irot", bytes([turns]))]
    owned = [*((n, [0x81, 2]) for n in range(1, 5)), (5, [3, 0x86]), (6, [0x84, 5])]
    ipma = struct.pack(">I", len(owned)) + b"".join(struct.pack(">HB", n, len(p)) + bytes(p) for n, p in owned)

    def meta(start: int) -> bytes:
        infe, iloc, at = b"", b"", start
        for number, kind, octets, name in items:
            infe += _full(b"infe", struct.pack(">HH", number, 0) + kind + (name or b"\0"), 2, int(number < 5))
            iloc += struct.pack(">HHHII", number, 0, 1, at, len(octets))
            at += len(octets)
        inside = _full(b"hdlr", b"\0\0\0\0pict" + bytes(13)) + _full(b"pitm", struct.pack(">H", 5))
        inside += _full(b"iloc", b"\x44\0" + struct.pack(">H", len(items)) + iloc)
        inside += _full(b"iinf", struct.pack(">H", len(items)) + infe)
        tiles_of = _box(b"dimg", struct.pack(">HHHHHH", 5, 4, 1, 2, 3, 4)) + _box(b"thmb", struct.pack(">HHH", 6, 1, 5))
        tells_of = b"".join(_box(b"cdsc", struct.pack(">HHH", n, 1, 5)) for n in (7, 8))
        inside += _full(b"iref", tiles_of + tells_of)
        return _full(b"meta", inside + _box(b"iprp", _box(b"ipco", b"".join(properties)) + _full(b"ipma", ipma)))

    begin = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    start = len(begin) + len(meta(0)) + 8
    words = mark.octets("free")
    return begin + meta(start) + _box(b"mdat", b"".join(octets for _, _, octets, _ in items)) + _box(b"free", words)


MAKERS["heic"] = heic
