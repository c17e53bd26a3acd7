"""Earlier releases as wheels, without their page, for tests that let old and new code run side by side.

`python -m tests.earlier COMMIT` makes the wheel of a commit; replace the one that is here when a release is made.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RELEASES = ROOT / "tests" / "releases"
PACKAGES = ("server", "storage", "workspace")
PAGE = "server/static/index.html"
"""The wheels hold no page; a server wants one."""


def previous() -> Path:
    """The wheel of the release before this one."""
    (wheel,) = RELEASES.glob("consilium-*.whl")
    return wheel


def unpack(wheel: Path, folder: Path) -> Path:
    """What a process has as its working folder to run that release: `python -m server`."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    page = folder / PAGE
    page.parent.mkdir(exist_ok=True)
    page.write_text("<!doctype html><title>An earlier release</title>")
    return folder


def make(commit: str) -> Path:
    """The wheel of a commit, named by the newest migration that it knows."""
    archive = subprocess.run(["git", "archive", commit, *PACKAGES], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as source:
        files = {member.name: source.extractfile(member) for member in source.getmembers() if member.isfile()}
        contents = {name: file.read() for name, file in files.items() if file is not None}
    schema = max(Path(name).name[:4] for name in contents if name.startswith("storage/migrations/versions/0"))
    version = f"0.1.0+schema.{schema}"
    info = f"consilium-{version}.dist-info"
    contents[f"{info}/METADATA"] = f"Metadata-Version: 2.4\nName: consilium\nVersion: {version}\n".encode()
    contents[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    contents[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*contents, f"{info}/RECORD"]).encode()
    wheel = RELEASES / f"consilium-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, content in sorted(contents.items()):
            made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return wheel


if __name__ == "__main__":
    sys.stdout.write(f"{make(sys.argv[1])}\n")
