"""PATCH /api/me, /api/me/picture and /api/people/{person}/pictures/{digest}."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from tests.api.conftest import Ward
from workspace.case import Role
from workspace.session import colour_of

PICTURE = {"Content-Type": "image/png"}


def image(
    size: tuple[int, int] = (300, 200), colour: str = "teal", *, kind: str = "PNG", exif: Image.Exif | None = None
) -> bytes:
    """A file of one colour."""
    kept = BytesIO()
    Image.new("RGB", size, colour).save(kept, kind, **({"exif": exif} if exif else {}))
    return kept.getvalue()


async def test_a_person_tells_of_themselves_and_what_is_left_out_stays(ward: Ward) -> None:
    """[ACC-1]"""
    headers = await ward.as_(await ward.person("ada"))
    told = {"profession": "Physician", "specialty": " Neurology ", "registration": "GMC 1234567", "language": "es"}
    first = (await ward.http.patch("/api/me", json=told, headers=headers)).json()["person"]
    assert {field: first[field] for field in told} == told | {"specialty": "Neurology"}
    second = await ward.http.patch("/api/me", json={"name": "Ada King", "specialty": ""}, headers=headers)
    expected = first | {"name": "Ada King", "specialty": ""}
    assert second.json()["person"] == expected
    assert (await ward.http.get("/api/me", headers=headers)).json()["person"] == expected
    reset = await ward.http.patch("/api/me", json={"language": None}, headers=headers)
    assert reset.json()["person"] == expected | {"language": None}


async def test_others_in_the_case_see_it_but_not_the_registration_number(ward: Ward) -> None:
    """[ACC-1]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    told = {"profession": "Physician", "specialty": "Neurology", "registration": "GMC 1234567"}
    await ward.http.patch("/api/me", json=told, headers=await ward.as_(ada))
    answer = await ward.http.get(f"/api/cases/{case}", headers=await ward.as_(ben))
    assert answer.json()["members"][0]["person"] == {
        "id": ada.id,
        "name": "Ada",
        "color": colour_of(ada.id),
        "profession": "Physician",
        "specialty": "Neurology",
        "picture": None,
    }
    assert "1234567" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "  "},
        {"name": None},
        {"name": "A\nB"},
        {"name": "x" * 201},
        {"specialty": "x" * 101},
        {"specialty": None},
        {"profession": "two\u2028lines"},
        {"language": "English"},
        {"language": "../../etc"},
        {"language": ""},
        {"email": "other@example.org"},
        {"standing": "admin"},
        {"id": "a" * 16},
    ],
)
async def test_what_is_no_profile_is_refused_and_changes_nothing(ward: Ward, body: object) -> None:
    """[ACC-1] Lines, lengths, and what is not one's own to change: address, standing, id."""
    headers = await ward.as_(await ward.person("ada"))
    before = (await ward.http.get("/api/me", headers=headers)).json()
    answer = await ward.http.patch("/api/me", json=body, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid-request")
    assert (await ward.http.get("/api/me", headers=headers)).json() == before


async def test_a_picture_is_shown_to_who_is_signed_in(ward: Ward) -> None:
    """[ACC-3] Small, square, kept by browsers; a replaced one is gone."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    headers = await ward.as_(ada)
    shown = await ward.http.put("/api/me/picture", content=image(), headers=headers | PICTURE)
    address = shown.json()["person"]["picture"]
    seen = await ward.http.get(address, headers=await ward.as_(ben))
    assert (seen.status_code, seen.headers["Content-Type"]) == (200, "image/webp")
    assert seen.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    with Image.open(BytesIO(seen.content)) as kept:
        assert (kept.format, kept.size) == ("WEBP", (256, 256))
    again = await ward.http.get(address, headers=headers | {"If-None-Match": seen.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await ward.http.get(address)).status_code == 401
    other = await ward.http.put("/api/me/picture", content=image(colour="red"), headers=headers | PICTURE)
    assert other.json()["person"]["picture"] != address
    assert (await ward.http.get(address, headers=headers)).status_code == 404
    gone = await ward.http.delete("/api/me/picture", headers=headers)
    assert gone.json()["person"]["picture"] is None
    assert (await ward.http.get(other.json()["person"]["picture"], headers=headers)).status_code == 404


@pytest.mark.parametrize("address", ["x" * 64, "0" * 64, "..", "%00"])
async def test_an_address_that_is_no_digest_is_nothing(ward: Ward, address: str) -> None:
    """[ACC-3]"""
    ada = await ward.person("ada")
    answer = await ward.http.get(f"/api/people/{ada.id}/pictures/{address}", headers=await ward.as_(ada))
    assert answer.status_code == 404


async def kept(ward: Ward, body: bytes, claimed: str = "image/png") -> Image.Image:
    """What is kept of an upload."""
    headers = await ward.as_(await ward.person("ada"))
    shown = await ward.http.put("/api/me/picture", content=body, headers=headers | {"Content-Type": claimed})
    assert shown.status_code == 200, shown.text
    seen = await ward.http.get(shown.json()["person"]["picture"], headers=headers)
    for telltale in (b"GPS", b"Exif", b"EXIF", b"Mrs Example", b"ANIM", b"ICCP", b"XMP "):
        assert telltale not in seen.content
    return Image.open(BytesIO(seen.content))


async def test_a_photo_loses_where_and_when_it_was_taken_and_stands_upright(ward: Ward) -> None:
    """[ACC-2] EXIF with a place and a name; orientation 6 turns the image, then goes too."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Mrs Example at home"
    exif.get_ifd(0x8825)[1] = "N"
    half = Image.new("RGB", (400, 400), "blue")
    half.paste("red", (0, 0, 200, 400))  # the left half, which is the top once it is turned
    file = BytesIO()
    half.save(file, "JPEG", exif=exif)
    picture = await kept(ward, file.getvalue(), "image/jpeg")
    assert not picture.getexif()
    top, bottom = (picture.convert("RGB").getpixel((128, y)) for y in (20, 236))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


async def test_of_an_animation_the_first_frame_is_kept(ward: Ward) -> None:
    """[ACC-2]"""
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue", "green")]
    file = BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=50)
    picture = await kept(ward, file.getvalue(), "image/gif")
    assert getattr(picture, "n_frames", 1) == 1
    pixel = picture.convert("RGB").getpixel((128, 128))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200


async def test_what_a_file_claims_to_be_is_not_believed(ward: Ward) -> None:
    """[ACC-2] A JPEG that says it is a PNG is read as what it is."""
    assert (await kept(ward, image(kind="JPEG"), "image/png")).size == (256, 256)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        image()[:60],
        image(kind="JPEG")[:100],
        image(kind="BMP"),
        image(kind="TIFF"),
        bomb(7_000, 7_000),
        bomb(100_000, 100_000),
        bomb(2**31 - 1, 2**31 - 1),
        bomb(2_000, 2_000),
    ],
    ids=["empty", "gif", "svg", "pdf", "cut-png", "cut-jpeg", "bmp", "tiff", "49-mpx", "10-gpx", "4-epx", "hollow"],
)
async def test_what_is_no_picture_is_refused_and_the_old_one_stays(ward: Ward, body: bytes) -> None:
    """[ACC-2] Broken, cut off, other kinds, and decompression bombs."""
    headers = await ward.as_(await ward.person("ada"))
    before = await ward.http.put("/api/me/picture", content=image(), headers=headers | PICTURE)
    answer = await ward.http.put("/api/me/picture", content=body, headers=headers | PICTURE)
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid-request")
    assert answer.json()["detail"].startswith("picture: ")
    assert (await ward.http.get("/api/me", headers=headers)).json()["person"] == before.json()["person"]


async def test_a_picture_comes_from_our_own_page_and_as_an_image(ward: Ward) -> None:
    """[ACC-2] A form of another page can send text/plain and multipart without asking; neither is taken."""
    headers = await ward.as_(await ward.person("ada"))
    for claimed in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""):
        sent = headers | {"Content-Type": claimed}
        assert (await ward.http.put("/api/me/picture", content=image(), headers=sent)).status_code == 400
    cookie = {"Cookie": "consilium_session=x", "Origin": "http://evil.test"}
    assert (await ward.http.put("/api/me/picture", content=image(), headers=cookie | PICTURE)).status_code == 401


class TestSmallBound:
    """With room for 2 KiB."""

    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"CONSILIUM_MAX_PICTURE_BYTES": "2048"}

    async def test_a_file_that_is_too_large_is_refused_before_it_is_decoded(self, ward: Ward) -> None:
        """[ACC-2]"""
        headers = await ward.as_(await ward.person("ada"))
        answer = await ward.http.put("/api/me/picture", content=b"\0" * 2049, headers=headers | PICTURE)
        assert (answer.status_code, answer.json()["reason"]) == (413, "too-large")
