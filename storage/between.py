"""What others wrote between what a room knew and what it appends. SPEC rule JRN-15."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from sqlalchemy import Connection, bindparam, select, tuple_

from storage.blobs import is_intact
from storage.tables import entries
from workspace.brought import Brought
from workspace.entries import UPDATE_FORMAT
from workspace.errors import InvalidUpdate
from workspace.update import read_update

_PAGE = 512
"""Entries in one query, a power of two; a node that was frozen for long is thousands behind."""
_READ = select(entries).where(tuple_(entries.c.document, entries.c.seq).in_(bindparam("places", expanding=True)))


def read_between(connection: Connection, gaps: Mapping[int, range]) -> dict[int, Brought]:
    """What the entries of these seqs hold, by the key of their document. What cannot be read holds nothing here: then
    an edit is rather written twice than called saved."""
    brought = {key: Brought() for key in gaps}
    places = [(key, seq) for key, seqs in gaps.items() for seq in seqs]
    for start in range(0, len(places), _PAGE):
        page = places[start : start + _PAGE]
        page += page[-1:] * ((1 << (len(page) - 1).bit_length()) - len(page))  # see `appends._lock_documents`
        for row in connection.execute(_READ, {"places": page}):
            if row.format == UPDATE_FORMAT and is_intact(row):
                with suppress(InvalidUpdate):
                    brought[row.document].add(read_update(row.body))
    return brought
