"""How much memory a large object takes, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cleaning.markers import written
from tests.cleaning.objects import image

_MEASURE = """
import sys
from pathlib import Path
from server.cleaning.dicom import clean_dicom
from workspace.deidentification.outcome import Cleaned
from workspace.deidentification.policy import CasePolicy
outcome = clean_dicom(Path(sys.argv[1]), Path(sys.argv[2]), CasePolicy(b"a secret of sixteen bytes"))
assert isinstance(outcome, Cleaned), outcome
# Of this program alone; what `getrusage` says was inherited from the one that started it.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def peak_kib(folder: Path, frames: int) -> int:
    """The largest resident memory of a process that cleans an object of `frames` frames of a quarter megabyte."""
    source = image(frames=frames, rows=512, columns=512)
    path = folder / "original.dcm"
    path.write_bytes(written(source))
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path), str(folder / "cleaned.dcm")], capture_output=True, check=True
    )
    return int(ran.stdout)


def test_memory_does_not_grow_with_the_pixels(tmp_path: Path) -> None:
    """[DEI-14] Four megabytes and 256 take the same."""
    small, large = peak_kib(tmp_path, 16), peak_kib(tmp_path, 1024)
    assert (tmp_path / "cleaned.dcm").stat().st_size > 1 << 28
    assert large - small < 48 << 10, (small, large)
