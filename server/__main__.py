"""`python -m server`, which is also the command `consilium`."""

from __future__ import annotations

import signal
import sys
from types import FrameType

TERMINATED = 128 + signal.SIGTERM


def main() -> int:
    """Run the command line; the answer is the exit status."""
    # First of all: in a container we are process 1, for which the kernel drops a SIGTERM that nobody handles.
    signal.signal(signal.SIGTERM, _end)
    # Not at the top: the child process of `server.squashing` imports this file again and needs nothing of the server.
    from server.cli import main as run  # noqa: PLC0415

    return run()


def _end(number: int, frame: FrameType | None) -> None:
    """Until `server.serve` has handlers of its own there is nothing to drain: undo what is open, and go. [DEP-5]"""
    del number, frame
    raise SystemExit(TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
