"""What becomes of a video: pictures that browsers play, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from server.cleaning import ffmpeg, remains, video
from server.cleaning.outcome import Cleaned, Rejected
from server.cleaning.redaction import Box, Redaction, Stroke
from server.cleaning.sniff import Form, Sniffed, sniff
from server.cleaning.streams import streams
from server.cleaning.video import VideoPolicy
from tests.unit.films import H264, HEARD, MAKERS, SEEN, film, plain
from tests.unit.marked import Markers
from workspace.media import Kind, Reason


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def outcome(source: Path, policy: VideoPolicy | None = None) -> Cleaned | Rejected:
    found = sniff(source)
    assert isinstance(found, Sniffed)
    assert found.kind is Kind.VIDEO
    folder = source.parent / "cleaned"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return video.clean(found.form, source, folder, policy or VideoPolicy(), silent)


def cleaned(source: Path, policy: VideoPolicy | None = None) -> Cleaned:
    made = outcome(source, policy)
    assert isinstance(made, Cleaned), made
    return made


def frame(file: Path, at: float = 1.0) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = file.with_suffix(".png")
    film("-ss", str(at), "-i", file, "-frames:v", "1", picture)
    with Image.open(picture) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("form", MAKERS)
@pytest.mark.parametrize("sound", ["without", "with"])
def test_no_marker_survives(form: str, sound: str, tmp_path: Path) -> None:
    """[CLN-8] [CLN-9] Tags of the file and its streams, chapters, subtitles, attached files, messages in the stream."""
    mark = Markers()
    source = MAKERS[form](tmp_path, mark)
    original = source.read_bytes()
    assert len(mark.left_in(original)) >= (4 if form == "avi" else 10)
    made = cleaned(source, VideoPolicy(keep_sound=sound == "with"))
    result = made.file.read_bytes()
    assert mark.left_in(result) == []
    assert b"1967" not in result
    found = streams(Form.MATROSKA if made.content_type == "video/webm" else Form.MP4, made.file)
    assert found.pictures is not None
    assert found.pictures.codec in {"h264", "vp8"}
    assert found.pictures.pixels == "yuv420p"
    assert (found.sound is not None) is (sound == "with")
    assert found.others == 0
    assert found.seconds == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("form", ["mp4", "mkv", "webm", "mov", "avi"])
def test_the_second_look_knows_the_words_of_the_original(form: str, tmp_path: Path) -> None:
    """[CLN-9] And finds them where they are."""
    mark = Markers()
    source = MAKERS[form](tmp_path, mark)
    found = sniff(source)
    assert isinstance(found, Sniffed)
    words = remains.original_words(found.form, source)
    assert sum(any(word.encode() in each for each in words) for word in mark.given) >= (4 if form == "avi" else 10)
    assert remains.words_in_file(words, source)
    assert form == "avi" or remains.foreign_boxes(found.form, source)


def test_what_browsers_play_is_copied(tmp_path: Path) -> None:
    """[CLN-8] Picture for picture, in a moment."""
    made = cleaned(plain(tmp_path, "plain.mp4"))
    assert made.certificate["pictures"] == "copied"
    sums = []
    for file in (tmp_path / "plain.mp4", made.file):
        command = [ffmpeg.program(), "-v", "error", "-i", str(file), "-map", "0:v", "-f", "framemd5", "-"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        sums.append([line.split(",")[-1] for line in said.splitlines() if not line.startswith("#")])
    assert sums[0] == sums[1]
    assert len(sums[0]) == 50
    head = made.file.read_bytes()[:65536]
    assert head.index(b"moov") < head.index(b"mdat")


@pytest.mark.parametrize(
    "coding",
    [
        ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"),
        ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le"),
        ("-c:v", "mjpeg", "-q:v", "3"),
        ("-vf", "scale=161:121", "-c:v", "ffv1"),
    ],
)
def test_what_browsers_do_not_play_is_encoded(coding: tuple[str, ...], tmp_path: Path) -> None:
    """[CLN-8] Other codecs, 10 bits, 4:4:4, odd sizes."""
    made = cleaned(plain(tmp_path, "other.mkv", coding))
    assert made.certificate["pictures"] == "encoded"
    assert made.attributes["codec"] == "h264"
    assert made.content_type == "video/mp4"
    difference = frame(made.file)[:118, :158].astype(int) - frame(tmp_path / "other.mkv")[:118, :158]
    assert np.abs(difference).mean() < 8


def test_a_turned_video_is_shown_upright(tmp_path: Path) -> None:
    """[CLN-8] Whether its pictures are copied or encoded."""
    upright = plain(tmp_path, "upright.mp4")
    film("-display_rotation", "90", "-i", upright, "-c", "copy", tmp_path / "turned.mp4")
    wanted = np.rot90(frame(upright))
    for policy in (VideoPolicy(), VideoPolicy(redaction=Redaction((Box(0, 0, 1, 1),)))):
        made = cleaned(tmp_path / "turned.mp4", policy)
        assert (made.attributes["width"], made.attributes["height"]) == (120, 160)
        shown = frame(made.file)
        assert shown.shape == (160, 120, 3)
        assert np.abs(shown.astype(int) - wanted).mean() < 8


def test_sound_is_left_out_unless_it_is_asked_for(tmp_path: Path) -> None:
    """[CLN-8] A voice is an identifier."""
    film(*SEEN, *HEARD, *H264, "-c:a", "aac", tmp_path / "spoken.mp4")
    assert cleaned(tmp_path / "spoken.mp4").certificate["sound"] == "left-out"
    kept = cleaned(tmp_path / "spoken.mp4", VideoPolicy(keep_sound=True))
    assert kept.certificate["sound"] == "encoded"
    assert kept.attributes["has_sound"] is True


def test_what_a_person_marked_is_gone_from_every_picture(tmp_path: Path) -> None:
    """[CLN-7] A name burned into an ultrasound stands in all of them."""
    source = plain(tmp_path, "marked.mp4")
    marks = Redaction((Box(16, 16, 48, 32),), (Stroke(((100, 100), (140, 100)), 12),))
    made = cleaned(source, VideoPolicy(redaction=marks))
    assert made.certificate["blanked"] == 2
    for at in (0.0, 1.0, 1.9):
        shown = frame(made.file, at)
        assert shown[20:44, 20:60].max() < 12
        assert shown[97:103, 100:140].max() < 24
        assert shown[:, 80:].max() > 200


@pytest.mark.parametrize("name", ["cut.mp4", "cut.webm", "cut.mkv", "cut.avi"])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
def test_a_video_that_was_cut_off_is_refused(name: str, part: float, tmp_path: Path) -> None:
    """[CLN-6] Wherever its table of contents stands."""
    coding = {"webm": ("-c:v", "libvpx"), "avi": ("-c:v", "mpeg4")}.get(name[4:], H264)
    whole = plain(tmp_path, name, (*coding, "-movflags", "+faststart") if name == "cut.mp4" else coding)
    octets = whole.read_bytes()
    whole.write_bytes(octets[: round(len(octets) * part)])
    assert outcome(whole) == Rejected(Reason.UNREADABLE, "cut off")


def test_noise_in_a_video_s_clothes_is_refused(tmp_path: Path) -> None:
    """[CLN-6]"""
    source = tmp_path / "noise.mp4"
    source.write_bytes(b"\0\0\0\x14ftypisom\0\0\0\0isom" + b"\0\0\x10\x08mdat" + bytes(range(256)) * 16)
    assert outcome(source) == Rejected(Reason.UNREADABLE)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    """[CLN-6]"""
    film(*HEARD, "-c:a", "aac", tmp_path / "sound.mp4")
    assert outcome(tmp_path / "sound.mp4") == Rejected(Reason.UNSUPPORTED, "no pictures")


def test_no_other_file_is_read(tmp_path: Path) -> None:
    """[CLN-10] Neither through a playlist in a video's clothes, nor through a reference in a container."""
    secret = plain(tmp_path, "secret.mp4")
    for name, text in (
        ("list.mp4", b"\0\0\0\x14ftypisom\0\0\0\0isom\n#EXTM3U\n#EXTINF:1,\nfile://%s\n" % bytes(secret)),
        ("concat.mkv", b"\x1a\x45\xdf\xa3ffconcat version 1.0\nfile %s\n" % bytes(secret)),
    ):
        source = tmp_path / name
        source.write_bytes(text)
        assert isinstance(outcome(source), Rejected)
    said = []
    for reader in ("concat", "hls"):
        playlist = tmp_path / f"{reader}.txt"
        playlist.write_text(
            f"ffconcat version 1.0\nfile {secret}\n" if reader == "concat" else f"#EXTM3U\n#EXTINF:1,\n{secret}\n"
        )
        arguments = ffmpeg.source(Form.MP4, playlist)
        with pytest.raises(ffmpeg.Failed):
            ffmpeg.run([*arguments, "-f", "null", "-"], ffmpeg.Means(20))
        arguments[arguments.index("-f") + 1] = reader
        with pytest.raises(ffmpeg.Failed) as refused:
            ffmpeg.run([*arguments, "-f", "null", "-"], ffmpeg.Means(20))
        said.append(str(refused.value))
    assert all("whitelist" in words or "not found" in words for words in said), said


def test_it_can_be_ended_while_it_works(tmp_path: Path) -> None:
    """[CLN-10] Progress is told in thousandths, and who is told may end it: ffmpeg is gone then."""
    source = tmp_path / "long.mkv"
    film("-f", "lavfi", "-i", "testsrc2=size=640x480:rate=25:duration=40", "-c:v", "mpeg4", source)

    class Enough(Exception):
        pass

    told: list[int] = []

    def watching(done: int, total: int) -> None:
        assert total == 1_000
        told.append(done)
        if done > 50:
            raise Enough

    folder = tmp_path / "cleaned"
    folder.mkdir()
    with pytest.raises(Enough):
        video.clean(Form.MATROSKA, source, folder, VideoPolicy(), watching)
    assert told == sorted(told)
    assert 50 < told[-1] < 1_000
    assert not any(str(folder) in line for line in _command_lines())


def _command_lines() -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(process.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


def test_it_takes_no_more_time_than_it_is_given(tmp_path: Path) -> None:
    """[CLN-10]"""
    source = tmp_path / "long.mkv"
    film("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=20", "-c:v", "mpeg4", source)
    late = VideoPolicy(means=ffmpeg.Means(seconds=0.2))
    assert outcome(source, late) == Rejected(Reason.TOOK_TOO_LONG)


def test_a_lying_description_of_streams_decides_nothing(tmp_path: Path) -> None:
    """[CLN-8] What is said to be H.264 and is not is looked at again when it holds no words any more."""
    source = tmp_path / "liar.mkv"
    lie = "x\n  Stream #0:0: Video: h264 (High), yuv420p, 160x120, 25 fps"
    film(*SEEN, "-c:v", "ffv1", "-metadata", f"{lie}=y", source)
    made = cleaned(source)
    assert made.attributes["codec"] == "h264"
    assert made.certificate["pictures"] == "encoded"
