"""What that process does: one image after another, with a line for each in the terminal. [DEMO-6]"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Mapping

from websockets.exceptions import WebSocketException

from server.demo_media.chosen import CHOSEN, found
from server.demo_media.figures import show_figure
from server.demo_media.hands import Hands, Refused

PATIENCE_SECONDS = 600.0
"""For all of it; a laptop takes half a minute."""
FAILURES = (Refused, OSError, http.client.HTTPException, WebSocketException, TimeoutError)


def add_all(address: str, cases: Mapping[str, str], tokens: Mapping[str, str]) -> None:
    """Add what is not there yet, show it in the text, describe it; said line by line. Raises: FAILURES.

    An image whose words are there is done with; what somebody changed or took out meanwhile stays as they left it.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    there = [(chosen, file) for chosen in CHOSEN if (file := found(chosen)) is not None]
    if len(there) < len(CHOSEN):
        missing = len(CHOSEN) - len(there)
        _say(f"{missing} of {len(CHOSEN)} images are left out: the packages of the extra `demo` are not installed")
    begun: set[str] = set()
    for number, (chosen, file) in enumerate(there, 1):
        hands, case = Hands(address, tokens[chosen.by], until), cases[chosen.case]
        if chosen.is_left_for_review and chosen.case not in begun:
            continue  # an earlier start brought it, and somebody may have put it away
        media = hands.add(case, chosen, file)
        if media is not None and hands.is_done(case, media):
            continue
        begun.add(chosen.case)
        if media is not None:
            show_figure(address, tokens[chosen.by], case, media, chosen)
            hands.describe(case, media, chosen)
        _say(f"image {number} of {len(there)}: {chosen.caption}")
    if begun:
        _say("all images are in their cases")


def _say(line: str) -> None:
    sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()


def _die_with_the_demo() -> None:
    while os.read(0, 4096):  # past Python's buffer, whose lock would stand in the way of our own end
        pass
    os._exit(0)


def main() -> int:
    """Read who and where from standard input, whose end is ours."""
    said = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_the_demo, daemon=True).start()
    try:
        add_all(said["address"], said["cases"], said["tokens"])
    except FAILURES as error:
        _say(f"the demo goes on without more images: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
