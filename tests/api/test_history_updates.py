"""GET /api/cases/{case}/documents/{document}/updates."""

from __future__ import annotations

from pycrdt import Doc, Text

from server.past import MOST_BYTES
from tests.api.conftest import NOW, Ward
from workspace.case import Person, Role
from workspace.entries import Append
from workspace.ids import CaseId, DocumentId, DocumentName, OpId, UpdateBytes
from workspace.lib0 import Decoder

Record = tuple[int, str, int, bytes]


def records(body: bytes) -> list[Record]:
    """As `docs/http.md` describes them."""
    decoder, found = Decoder(body), []
    author = ""
    while not decoder.at_end:
        seq = decoder.read_var_uint()
        author = decoder.read_var_string() or author
        found.append((seq, author, decoder.read_var_uint(), decoder.read_var_bytes()))
    return found


async def asked(ward: Ward, who: Person, case: CaseId, query: str = "") -> list[Record]:
    answer = await ward.http.get(f"/api/cases/{case}/documents/record/updates{query}", headers=await ward.as_(who))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
    return records(answer.content)


async def test_it_gives_every_edit_with_who_and_when(ward: Ward) -> None:
    """[HIS-3] As it was received; together they are the document."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    record = DocumentId(case, DocumentName("record"))
    written = [*await ward.write(record, ada, ["one ", "two "]), *await ward.write(record, ben, ["three "])]
    ward.clock.advance(7)
    written += await ward.write(record, ada, ["four"])
    found = await asked(ward, ben, case)
    assert found == [(each.seq, each.author, each.at, each.update) for each in written]
    assert [each[2] for each in found] == [NOW, NOW, NOW, NOW + 7_000]
    doc: Doc[Text] = Doc()
    for _, _, _, update in found:
        doc.apply_update(update)
    assert str(doc.get("t", type=Text)) == "one two three four"


async def test_any_range_can_be_asked_for(ward: Ward) -> None:
    """[HIS-3] The first record always names its author."""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    await ward.write(DocumentId(case, DocumentName("record")), ada, list("abcdefg"))
    for query, seqs in (("?after=2&until=4", [3, 4]), ("?after=6", [7]), ("?after=7", []), ("?until=0", [])):
        found = await asked(ward, ada, case, query)
        assert [each[0] for each in found] == seqs
        assert {each[1] for each in found} <= {ada.id}


async def test_an_answer_is_bounded_in_entries_and_bytes(ward: Ward) -> None:
    """[HIS-3] Asking on from the last record brings all, each once; one that is larger than the bound comes alone."""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    record = DocumentId(case, DocumentName("record"))
    await ward.write(record, ada, ["x"] * 1_500)
    sizes = [MOST_BYTES // 2, MOST_BYTES // 2 + 1, MOST_BYTES + 5, 10]
    await ward.stores.journal.append(
        [
            Append(OpId(ward.entropy(16)), record, UpdateBytes(b"\x00" * size), ada.id, frozenset(), ward.clock())
            for size in sizes
        ]
    )
    answers, last = [], 0
    while found := await asked(ward, ada, case, f"?after={last}"):
        answers.append([seq for seq, *_ in found])
        last = found[-1][0]
    assert [seq for answer in answers for seq in answer] == list(range(1, 1_505))
    assert [len(answer) for answer in answers] == [1_000, 501, 1, 1, 1]


async def test_what_is_not_written_yet_is_not_found(ward: Ward) -> None:
    """[HIS-3] [API-2] Tried: beyond the head, no number, a name that is not known."""
    ada = await ward.person("ada")
    case, headers = await ward.case(ada), await ward.as_(ada)
    await ward.write(DocumentId(case, DocumentName("record")), ada, ["x"])
    for query, status in (("until=2", 404), ("until=x", 400), ("after=1e3", 400), ("limit=3", 400)):
        answer = await ward.http.get(f"/api/cases/{case}/documents/record/updates?{query}", headers=headers)
        assert answer.status_code == status
