"""What our own reader costs beside pycrdt's parse: `python -m bench.reader`. Ratios are sound, times the machine's."""

from __future__ import annotations

from collections.abc import Callable
from timeit import timeit
from typing import Any

from pycrdt import Doc, Map, Text, TransactionEvent, XmlElement, XmlFragment, XmlText, get_state

from workspace.update import read_update

ROUNDS, CALLS = 15, 2_000
BROWSER = 3_000_000_001
"""A client id of Yjs has 32 bits: five bytes."""


def samples() -> dict[str, bytes]:
    """One update of each common kind."""
    said: list[bytes] = []

    def hear(event: TransactionEvent) -> None:
        said.append(event.update)

    document: Doc[Any] = Doc(client_id=BROWSER)
    subscription = document.observe(hear)
    found: dict[str, bytes] = {}

    def edit(name: str, change: Callable[[], object]) -> None:
        change()
        found[name] = said[-1]

    text = document.get("t", type=Text)
    edit("first letter", lambda: text.insert(0, "x"))
    text.insert(0, "The patient was seen on the ward. " * 8)
    edit("keystroke at the end", lambda: text.insert(len(text), "x"))
    edit("keystroke within", lambda: text.insert(20, "x"))
    edit("keystroke, not ASCII", lambda: text.insert(5, "é"))
    edit("backspace", lambda: text.__delitem__(7))
    edit("bold", lambda: text.format(3, 9, {"bold": True}))
    edit("map entry", lambda: document.get("m", type=Map).__setitem__("at", {"x": 1, "y": [2.5, "three"]}))
    edit("paragraph", lambda: document.get("x", type=XmlFragment).children.append(XmlElement("p", {}, [XmlText("Hi")])))
    edit("paste of 10 kB", lambda: text.insert(0, "Lorem ipsum dolor sit amet. " * 360))
    document.unobserve(subscription)
    for number in range(500):
        text.insert(number * 7 % 200, "ab")
    found["whole document"] = document.get_update()
    return found


def microseconds(read: Callable[[bytes], object], update: bytes) -> float:
    """The best of `ROUNDS`, per call: the rest is what else the machine did."""
    calls = max(10, min(CALLS, 4_000_000 // len(update) ** 2))
    return min(timeit(lambda: read(update), number=calls) for _ in range(ROUNDS)) / calls * 1e6


def main() -> None:
    """Print a line per kind of update."""
    print(f"{'':24}{'bytes':>8}{'reader':>10}{'pycrdt':>10}{'ratio':>8}")
    for name, update in samples().items():
        ours, theirs = microseconds(read_update, update), microseconds(get_state, update)
        print(f"{name:24}{len(update):8}{ours:8.2f}µs{theirs:8.2f}µs{ours / theirs:8.1f}")


if __name__ == "__main__":
    main()
