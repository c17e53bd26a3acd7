"""A case in which people ask to include what they could not save: two that wait, and two of which one was decided."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from server.demo import FictionalCase
from server.demo_record import record_from
from storage.ports import Decision, NewCase, Outcome, Proposal, Stores
from workspace.case import CaseState, Role
from workspace.ids import DocumentKind, DocumentName, Millis, PersonId, ProposalId

ASKED = FictionalCase(
    "asked",
    "A fall on anticoagulants, and a headache that came later",
    {"jonas": Role.LEAD, "amara": Role.CONTRIBUTOR, "meihua": Role.CONSULTANT, "rafael": Role.OBSERVER},
)
MINUTE = 60_000
TEXT = """# summary

An 81-year-old on apixaban fell in her kitchen and has had a headache since the next morning.

# impression

A chronic subdural haematoma has to be ruled out.

# plan

CT head today. Apixaban is on hold.
"""

Blocks = Sequence[tuple[str, Sequence[tuple[str, bool]]]]
"""Kind, and the runs with whether they are the author's own."""


def writing(section: str, blocks: Blocks, head: Mapping[str, str] | None = None) -> str:
    """As the server keeps it."""
    spelled = [
        {"kind": kind, "runs": [{"text": text, "own": own, "bold": False, "italic": False} for text, own in runs]}
        for kind, runs in blocks
    ]
    fields = [{"field": field, "value": value} for field, value in (head or {}).items()]
    return json.dumps({"sections": [{"section": section, "blocks": spelled}], "head": fields})


PLAN = writing(
    "plan",
    [
        ("paragraph", [("CT head today. ", False), ("Take the last dose of apixaban from her daughter.", True)]),
        ("bullet", [("Anti-Xa level before any puncture", True)]),
        ("bullet", [("Neurosurgeon on call knows of her", True)]),
    ],
    {"question": "Andexanet, or wait for the scan?"},
)
IMPRESSION = writing("impression", [("paragraph", [("Giant cell arteritis is as likely: ESR and CRP first.", True)])])
HISTORY = writing("history", [("paragraph", [("No loss of consciousness; she lay there for an hour.", True)])])
EXAMINATION = writing("examination", [("paragraph", [("GCS 15, no drift, a bruise over the left temple.", True)])])
ASKING = (
    ("rafael", "read-only", PLAN, 50, None),
    ("meihua", "read-only", IMPRESSION, 35, None),
    ("rafael", "read-only", HISTORY, 60, Decision(PersonId("jonas"), Millis(20), "")),
    ("rafael", "concluded", EXAMINATION, 90, Decision(PersonId("amara"), Millis(15), "I have put my own findings in.")),
)
"""Who, why, what, and how many minutes ago; by whom it was decided, how many minutes ago, and what was said."""


async def ask_in_case(stores: Stores, people: Mapping[str, PersonId], now: Millis) -> None:
    """The case, and what is asked for in it."""
    begun = Millis(now - 3 * 60 * MINUTE)
    seeds = {DocumentName(DocumentKind.RECORD.value): record_from(TEXT)}
    await stores.cases.create(NewCase(ASKED.id, ASKED.title, people["jonas"], CaseState.OPEN, begun, seeds))
    for key, role in ASKED.members.items():
        await stores.cases.set_member(ASKED.id, people[key], role, begun)
    for number, (who, reason, words, before, decision) in enumerate(ASKING):
        key = ProposalId(f"{'asked':a<15}{'bcde'[number]}")
        at = Millis(now - before * MINUTE)
        made = await stores.proposals.make(
            Proposal(key, ASKED.id, people[who], f"{number}:0-9", reason, words, at),
        )
        if decision is not None:
            outcome = Outcome.DECLINED if decision.line else Outcome.INCLUDED
            decided = Decision(people[decision.by], Millis(now - decision.at * MINUTE), decision.line)
            await stores.proposals.decide(made, outcome, decided)
