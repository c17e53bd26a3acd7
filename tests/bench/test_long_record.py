"""The long record of the bench: what its people type is what a reader sees."""

from __future__ import annotations

import pytest
from pycrdt import Doc, XmlFragment

from bench.long_record import MARK, write_keystrokes, write_record
from bench.people import LETTERS, read_states
from bench.scenarios import OTHERS, PLAIN_FRAGMENT, SECTIONS
from workspace.update import read_update

KEYS = 12


@pytest.mark.parametrize("sections", [SECTIONS, (PLAIN_FRAGMENT,)], ids=["ours", "plain"])
def test_everybody_s_letters_stand_behind_their_marks(sections: tuple[str, ...]) -> None:
    """[BEN-3] Nine people, each from the record as it was, in any order of arrival."""
    record = write_record(sections, 20_000, OTHERS)
    doc: Doc[XmlFragment] = Doc()
    doc.apply_update(record)
    texts = [doc.get(name, type=XmlFragment) for name in sections]
    assert 20_000 * 0.98 < sum(len(str(text)) for text in texts) < 20_000 * 1.3
    for person in range(OTHERS):
        for number, key in enumerate(write_keystrokes(record, sections, person, 100 + person, KEYS)):
            read_update(key.update)
            assert read_states(key.state) == [(100 + person, number + 1)]
            doc.apply_update(key.update)
    typed = f"<paragraph>{MARK}{LETTERS[:KEYS]}</paragraph>"
    assert sum(str(text).count(typed) for text in texts) == OTHERS
