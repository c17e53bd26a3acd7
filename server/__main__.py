"""`python -m server`, which is also the command `consilium`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; the answer is the exit status."""
    # Not at the top: the child process of `server.squashing` imports this file again and needs nothing of the server.
    from server.cli import main as run  # noqa: PLC0415

    return run()


if __name__ == "__main__":
    sys.exit(main())
