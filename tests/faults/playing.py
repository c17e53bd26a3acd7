"""Playing a round: people write, a fault strikes, all come back, and the books are compared."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.faults.changes import changing, unrecorded
from tests.faults.files import is_being_worked_on, settle_files
from tests.faults.ledger import Verdict, judge, read_ledger
from tests.faults.rounds import Fault
from tests.faults.scene import Crowd, Scene, crowd, fresh_reader, until, until_true, writing
from tests.faults.sender import Sender, handing_in

WARM = 120
"""Acknowledged edits before a fault strikes, and again after it."""
MEANWHILE = 30
"""The same while it lasts, where whoever writes may notice nothing of it."""
FILES = 2
"""That each sender hands in after it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round came to."""

    name: str
    verdict: Verdict
    missed: Sequence[str]
    """Signs of the fault that nobody saw: a round that proves nothing."""

    @property
    def is_good(self) -> bool:
        """Nothing is wrong, and something happened."""
        return self.verdict.is_clean and not self.missed


async def play(scene: Scene, fault: Fault, seconds: float) -> Outcome:
    """One round in new rooms. Raises: TimeoutError when somebody does not come back."""
    seconds = max(seconds, fault.least_seconds)
    # Who cleans files needs a processor, too.
    async with crowd(scene, rooms=2 if scene.store is None else 1) as everybody:
        await everybody.until(lambda: all(client.is_synced for client in everybody.clients), "all to be let in")
        async with (
            writing(everybody),
            changing(scene, everybody) as changes,
            handing_in(scene, everybody) as senders,
        ):
            await everybody.until(lambda: everybody.acknowledged >= WARM, "the first edits to be saved")
            seen = await _strike(scene, everybody, senders, fault, seconds)
            await scene.until_whole()
            goal, goals = everybody.acknowledged + WARM, [len(each.handed_in) + FILES for each in senders]
            await everybody.until(lambda: everybody.acknowledged >= goal, "edits to be saved again")
            await until(
                lambda: all(len(each.handed_in) >= goal for each, goal in zip(senders, goals, strict=True)),
                "files to be handed in again",
            )
            if any(each.turned_away or each.longest_seconds >= 0.5 * seconds for each in senders):
                seen.add("away")  # told only now: a question that nobody answers takes longer than some faults
        verdict = await settle(scene, everybody)
        verdict += await settle_files(scene, senders)
        verdict += Verdict(unrecorded=await unrecorded(scene.cluster.database_url, changes))
    if verdict.worst_ack >= (0.5 * seconds if fault.late_seconds is None else fault.late_seconds):
        seen.add("late")
    wanted = {"in flight", *(sign.name.lower() for sign in fault.signs)}
    return Outcome(fault.name, verdict, sorted(wanted - seen))


async def _strike(scene: Scene, everybody: Crowd, senders: Sequence[Sender], fault: Fault, seconds: float) -> set[str]:
    """Which signs of it were seen."""
    breaks, told, scene.bus_was_down = everybody.breaks, len(scene.told), False
    marks = {link: (link.broken, link.held, link.delayed) for link in scene.links.values()}
    refusals = scene.disk.refusals if scene.disk else 0
    scene.nodes_seen.clear()
    looking = asyncio.create_task(scene.look())
    try:
        await everybody.until(lambda: len(scene.nodes_seen) == len(scene.cluster.nodes), "both nodes to have people")
        if senders:
            await until_true(lambda: is_being_worked_on(scene, senders), "a file to be ready, and another one not yet")
        await everybody.until(lambda: everybody.in_flight > 0, "an edit to be on its way")
        enough = everybody.acknowledged + everybody.in_flight + MEANWHILE
        for each in senders:
            each.forget()
        await fault.strike(scene, seconds)
        are_saved = everybody.acknowledged >= enough
        await asyncio.sleep(0.5)  # what was noticed at the end is told by then
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    signs = {
        "in flight": True,
        "breaks": everybody.breaks > breaks,
        "death": any("started again" in line for line in scene.told[told:]),
        "bus": scene.bus_was_down,
        "disk": scene.disk is not None and scene.disk.refusals > refusals,
        "link": any((link.broken, link.held, link.delayed) != before for link, before in marks.items()),
        "saved": are_saved,
    }
    return {name for name, is_seen in signs.items() if is_seen}


async def settle(scene: Scene, everybody: Crowd, patience: float = 30.0) -> Verdict:
    """Wait until all is said, let somebody new in at each node, and compare all with the journal. Replicas that do not
    become equal in time are a finding, not an error."""

    def is_quiet() -> bool:
        if not all(client.is_settled for client in everybody.clients):
            return False
        return all(len({client.text for client in clients}) == 1 for clients in everybody.rooms.values())

    with suppress(TimeoutError):
        await until(is_quiet, "all replicas to be equal", patience)
    total = Verdict()
    for place, clients in everybody.rooms.items():
        newcomers = [await fresh_reader(scene, place, node.port) for node in scene.cluster.ways]
        ledger = await read_ledger(scene.cluster.database_url, place)
        for newcomer in newcomers:
            newcomer.shown.clear()  # what was old when they came says nothing of how fast edits travel
        total += judge(ledger, [*clients, *newcomers])
    return total
