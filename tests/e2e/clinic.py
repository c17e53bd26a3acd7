"""A case whose images were sent, cleaned and made ready as those of people are: what the viewers are looked at with.

Unlike the still server's, its clock and its store are real. It is the demo, one case of which is given something of
every kind, with marks and words on it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from imageio_ffmpeg import write_frames
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from server.demo import CASES, PEOPLE
from server.demo_media.chosen import Chosen
from server.demo_media.hands import Hands
from tests.e2e.demo_server import demo, links_in
from tests.e2e.media.files import photo
from tests.servers import run_command

PATIENCE_SECONDS = 120
SLICES = 6
FILM_SIZE = (480, 360)
FILM_FRAMES, FILM_RATE = 50, 25
LOOKED_AT = next(case for case in CASES if case.key == "thunderclap")
ME = next(each for each in PEOPLE if each.key == "amara")


@dataclass(frozen=True, slots=True)
class Seen:
    """One of the gallery: who makes it, and what it is called on the page."""

    key: str
    caption: str
    alt: str


CT = Seen(
    "ct",
    "CT head without contrast",
    "Axial slices through the pons and the cerebellum. Nothing bright in the cisterns.",
)
PHOTO = Seen("photo", "Fundus of the left eye", "The optic disc has a sharp edge; no haemorrhage.")
FILM = Seen("film", "Echocardiogram, short axis", "The ventricle contracts well on all sides.")
ECG = Seen("ecg", "ECG on arrival", "Sinus rhythm, 60 a minute.")
PAGES = Seen("pages", "Discharge letter, first admission", "Three pages: history, findings, advice.")
GALLERY: Sequence[Seen] = (CT, PHOTO, FILM, ECG, PAGES)


def _head(folder: Path) -> list[Path]:
    """A series: one real slice, moved a little each time."""
    one = pydicom.dcmread(str(get_testdata_file("J2K_pixelrep_mismatch.dcm")))
    one.decompress()
    one.StudyInstanceUID, one.SeriesInstanceUID = generate_uid(), generate_uid()
    paths = []
    for number in range(1, SLICES + 1):
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        one.InstanceNumber = number
        x, y, z = map(float, one.ImagePositionPatient)
        one.ImagePositionPatient = [x, y, z + 2.5]
        paths.append(folder / f"IM{number}.dcm")
        one.save_as(paths[-1])
    return paths


def _eye(folder: Path) -> list[Path]:
    return [photo(folder)]


def _heart(folder: Path) -> list[Path]:
    """A ring that grows and shrinks once a second."""
    path, (width, height) = folder / "echo.mp4", FILM_SIZE
    writer = write_frames(path, FILM_SIZE, fps=FILM_RATE, macro_block_size=1)
    writer.send(None)
    for number in range(FILM_FRAMES):
        frame = Image.new("RGB", FILM_SIZE, "black")
        pen = ImageDraw.Draw(frame)
        pen.pieslice((-60, -120, width + 60, height + 20), 50, 130, fill="#26292b")
        inner = 46 + 18 * float(np.cos(2 * np.pi * number / FILM_RATE))
        for radius, grey in ((92 + inner / 6, "#8d9296"), (inner, "#101213")):
            pen.ellipse((240 - radius, 190 - radius, 240 + radius, 190 + radius), fill=grey)
        writer.send(np.ascontiguousarray(np.asarray(frame)))
    writer.close()
    return [path]


def _leads(folder: Path) -> list[Path]:
    path = folder / "ecg.dcm"
    path.write_bytes(Path(str(get_testdata_file("waveform_ecg.dcm"))).read_bytes())
    return [path]


def _letter(folder: Path) -> list[Path]:
    """Three pages of lines where words would be."""
    path, sheets = folder / "letter.pdf", []
    for number in range(3):
        sheet = Image.new("RGB", (620, 877), "white")
        pen = ImageDraw.Draw(sheet)
        pen.text((72, 64), ("History", "Findings", "Advice")[number], "#22303a", font_size=26)
        for line in range(30 - number * 8):
            if line % 8 != 7:
                pen.rectangle((72, 120 + 22 * line, 548 - (line * 97) % 90, 128 + 22 * line), "#5b6770")
        sheets.append(sheet)
    sheets[0].save(path, "PDF", save_all=True, append_images=sheets[1:])
    return [path]


MAKERS = {CT.key: _head, PHOTO.key: _eye, FILM.key: _heart, ECG.key: _leads, PAGES.key: _letter}


@contextmanager
def clinic(data: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The server until the block ends: its address, and a link for each person."""
    files = data.with_name(f"{data.name}-files")
    files.mkdir()
    with demo(data) as said:
        links = links_in(said)
        url = next(iter(links.values())).partition("/enter#")[0]
        token = run_command(data, "token", ME.person.email)
        hands = Hands(url, token, time.monotonic() + PATIENCE_SECONDS)
        for seen in GALLERY:
            _add(hands, LOOKED_AT.id, seen, files)
        yield url, {key: link.partition("#")[2] for key, link in links.items()}


def open_seen(page: Page, seen: Seen) -> None:
    """From the gallery, which is shown, until there is something to see."""
    page.locator("article:has(.picture)").filter(has_text=seen.caption).locator(".picture").click()
    expect(page.locator("dialog[open] .stage").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def unfold_actions(page: Page) -> None:
    """Of the image that is open; where the window is not tall they wait behind a button."""
    more = page.locator("dialog.preview .more")
    expect(more).to_be_visible()
    if more.get_attribute("aria-expanded") == "false":
        more.click()


def mark_up(page: Page) -> None:
    """Two marks on the series, one with an answer; one on the second page of the letter; and a bookmark."""
    open_seen(page, CT)
    _drag(page, "Length", (-0.35, 0.3), (0.35, 0.3))
    _write(page, "Label", "Posterior fossa, widest")
    _drag(page, "Ellipse", (-0.1, -0.04), (0.11, 0.13))
    _write(page, "Label", "Pons")
    _write(page, "Reply", "No blood around it.")
    page.get_by_role("combobox", name="Window").select_option(label="Bone")
    unfold_actions(page)
    page.get_by_role("button", name="Bookmark this view").click()
    _close(page)
    open_seen(page, PAGES)
    expect(page.locator("dialog .count")).to_have_text("Page 1 of 3")
    page.get_by_role("button", name="Next", exact=True).last.click()
    expect(page.locator("dialog .count")).to_have_text("Page 2 of 3")
    _drag(page, "Rectangle", (-0.62, -0.78), (0.62, -0.42))
    _write(page, "Label", "Blood pressure on day 3")
    _close(page)


def _drag(page: Page, shape: str, start: tuple[float, float], to: tuple[float, float]) -> None:
    """Across and down from the middle of the picture, in halves of its height."""
    marks = page.locator("dialog[open] aside li button.head")
    before = marks.count()
    page.get_by_role("button", name=shape, exact=True).click()
    box = page.locator("dialog[open] .stage canvas").first.bounding_box()
    assert box is not None
    left, top, half = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["height"] / 2
    page.mouse.move(left + start[0] * half, top + start[1] * half)
    page.mouse.down()
    page.mouse.move(left + to[0] * half, top + to[1] * half, steps=4)
    page.mouse.up()
    expect(marks).to_have_count(before + 1)


def _write(page: Page, field: str, text: str) -> None:
    page.get_by_label(field, exact=True).fill(text)
    page.get_by_label(field, exact=True).press("Enter")


def _close(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).first.click()
    expect(page.locator("dialog[open]")).to_have_count(0)


def _add(hands: Hands, case: str, seen: Seen, folder: Path) -> None:
    chosen = Chosen(case, ME.key, "", "", seen.caption, seen.alt)
    media = {hands.add(case, chosen, file) for file in MAKERS[seen.key](folder)}
    (one,) = media
    assert one is not None
    version = hands.ask("GET", f"/cases/{case}/media/{one}")["version"]
    words = {"caption": seen.caption, "alt": seen.alt, "version": version}
    hands.ask("PATCH", f"/cases/{case}/media/{one}", words)
