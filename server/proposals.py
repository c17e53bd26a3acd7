"""Proposals: words that were not taken, sent to those who write the record, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, OpenCase
from server.body import Answer, Body, Id, Phrase, When, read_body, reply
from server.described import described
from server.entrance import Entropy
from server.past import Author, name_authors
from server.settings import Settings
from storage.ports import Decision, Outcome, Proposal, Stores
from workspace import policy
from workspace.errors import Conflict, Forbidden, InvalidRequest, NotFound, TooLarge, TooMany
from workspace.ids import ID_BYTES, ProposalId, make_id

MOST_LETTERS = 20_000
"""Of one proposal, with what stood around the words. Some ten pages: a longer text is for a file."""
MOST_PARTS = 1_000
"""Blocks of a section and runs of a block."""

SectionName = Literal[
    "summary", "impression", "plan", "history", "examination", "investigations", "imaging", "timeline", "outcome"
]
FieldName = Literal["ageBand", "sex", "question", "line", "nextAction", "nextOwner", "nextDue"]
Draft = Annotated[
    str, Field(pattern=r"^[0-9: -]{1,400}$", description="What the author's page calls the edits that were not taken.")
]
Reason = Annotated[str, Field(pattern=r"^[a-z-]{1,40}$", description="Why they were not taken.")]


class ProposedRun(Body):
    """Letters of one look. What is not `own` stood there already, and is given as context."""

    text: Annotated[str, StringConstraints(max_length=MOST_LETTERS)]
    own: bool
    bold: bool
    italic: bool


class ProposedBlock(Body):
    """A paragraph, a heading, an item of a list or a cell."""

    kind: Literal["paragraph", "heading", "bullet", "number", "task", "cell"]
    runs: Annotated[list[ProposedRun], Field(max_length=MOST_PARTS)]


class ProposedSection(Body):
    """What belongs into one section."""

    section: SectionName
    blocks: Annotated[list[ProposedBlock], Field(max_length=MOST_PARTS)]


class ProposedField(Body):
    """What belongs into one field of the head."""

    field: FieldName
    value: Annotated[str, StringConstraints(max_length=300)]


class Writing(Body):
    """What was written, section by section."""

    sections: Annotated[list[ProposedSection], Field(max_length=9)]
    head: Annotated[list[ProposedField], Field(max_length=7)]

    @property
    def letters(self) -> int:
        """How many there are, context included."""
        runs = (len(run.text) for section in self.sections for block in section.blocks for run in block.runs)
        return sum(runs) + sum(len(each.value) for each in self.head)

    @property
    def says_something(self) -> bool:
        """Whether there is a word of the author's in it."""
        runs = (run for section in self.sections for block in section.blocks for run in block.runs)
        return bool(self.head) or any(run.own and run.text.strip() for run in runs)


class ProposalBody(Body):
    """`draft` makes a second request the same proposal."""

    draft: Draft
    reason: Reason
    writing: Writing


class OutcomeBody(Body):
    """`waiting` takes one's own decision back; `line` is a word to the author."""

    outcome: Literal["waiting", "included", "declined"]
    line: Phrase = ""


class DecisionShown(Answer):
    """Who decided."""

    by: Author
    at: When
    line: str


class ProposalShown(Answer):
    """What somebody asks to include, and what became of it."""

    id: Id
    draft: str
    author: Author
    reason: str
    at: When
    writing: Writing
    outcome: Outcome
    decision: DecisionShown | None


class ProposalList(Answer):
    """Oldest first: one's own until one puts them away, and for those who decide what waits."""

    proposals: list[ProposalShown]
    may_decide: bool
    """Whether the one who asks may include or decline; a case that is concluded has to be reopened to include."""


class Proposals:
    """The handlers. Every path to a case passes `Access.open_case`; `changed` is called after each change, so that open
    pages hear of it at once."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        access: Access,
        *,
        clock: Clock,
        entropy: Entropy,
        changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock
        self._entropy = entropy
        self._changed = changed

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases/{case}/proposals", self.list_proposals, methods=["GET"]),
            Route("/cases/{case}/proposals", self.propose, methods=["POST"]),
            Route("/cases/{case}/proposals/{proposal}/outcome", self.decide, methods=["PUT"]),
            Route("/cases/{case}/proposals/{proposal}", self.put_away, methods=["DELETE"]),
        ]

    @described({200: ProposalList})
    async def list_proposals(self, request: Request) -> Response:
        """What the one who asks has proposed and not put away, and what others ask them to include. [PRO-2]"""
        opened = await self._access.open_asked(request)
        listed = [each for each in await self._stores.proposals.listed(opened.case.id) if _is_shown(each, opened)]
        shown = await self._show(listed)
        return reply(ProposalList(proposals=shown, may_decide=policy.may_decide_proposals(opened.roles)))

    @described({200: ProposalShown, 201: ProposalShown}, body=ProposalBody, errors=(TooMany,))
    async def propose(self, request: Request) -> Response:
        """Ask those who write the record to include words that were not taken; asked twice it is one. [PRO-1]"""
        opened = await self._access.open_asked(request)
        body = await read_body(request, ProposalBody, self._settings)
        if body.writing.letters > MOST_LETTERS:
            raise TooLarge(f"writing: at most {MOST_LETTERS} letters")
        if not body.writing.says_something:
            raise InvalidRequest("writing: there is no word in it")
        asked = Proposal(
            ProposalId(make_id(self._entropy(ID_BYTES))),
            opened.case.id,
            opened.principal.person.id,
            body.draft,
            body.reason,
            body.writing.model_dump_json(),
            self._clock(),
        )
        made = await self._stores.proposals.make(asked, cause=opened.principal.cause)
        self._changed()
        [shown] = await self._show([made])
        return reply(shown, 201 if made.id == asked.id else 200)

    @described({200: ProposalShown}, body=OutcomeBody, errors=(Forbidden, Conflict))
    async def decide(self, request: Request) -> Response:
        """Say that a proposal was included, or decline it, with a line to its author; or take one's own decision back.

        409 when somebody else decided first, and for including into a case that is concluded. [PRO-3]
        """
        opened = await self._access.open_asked(request)
        seen = await self._find(request, opened)
        if not policy.may_decide_proposals(opened.roles):
            raise Forbidden
        body = await read_body(request, OutcomeBody, self._settings)
        me, outcome = opened.principal.person.id, Outcome(body.outcome)
        is_mine = seen.decision is not None and seen.decision.by == me
        if outcome is not seen.outcome or not is_mine:
            if outcome is Outcome.INCLUDED and opened.case.state not in policy.WRITABLE_STATES:
                raise Conflict(f"the case is {opened.case.state.value}")
            may = is_mine if outcome is Outcome.WAITING else seen.outcome is Outcome.WAITING
            if not may:
                raise Conflict(f"the proposal is {seen.outcome.value}")
            decision = None if outcome is Outcome.WAITING else Decision(me, self._clock(), body.line)
            seen = await self._stores.proposals.decide(seen, outcome, decision, cause=opened.principal.cause)
            self._changed()
        [shown] = await self._show([seen])
        return reply(shown)

    @described({204: None}, errors=(Forbidden, Conflict))
    async def put_away(self, request: Request) -> Response:
        """Its author takes a proposal back that waits, or puts one away whose outcome they have seen. [PRO-5]"""
        opened = await self._access.open_asked(request)
        seen = await self._find(request, opened)
        if seen.author != opened.principal.person.id:
            raise Forbidden
        if seen.outcome is not Outcome.WITHDRAWN:
            await self._stores.proposals.put_away(seen, cause=opened.principal.cause)
            self._changed()
        return Response(status_code=204)

    async def _find(self, request: Request, opened: OpenCase) -> Proposal:
        found = await self._stores.proposals.find(opened.case.id, ProposalId(request.path_params["proposal"]))
        mine = found is not None and found.author == opened.principal.person.id
        if found is None or not (mine or policy.may_see_proposals(opened.roles)):
            raise NotFound
        return found

    async def _show(self, proposals: Sequence[Proposal]) -> list[ProposalShown]:
        people = {each.author for each in proposals} | {each.decision.by for each in proposals if each.decision}
        names = await name_authors(self._stores.people, people)
        return [
            ProposalShown(
                id=each.id,
                draft=each.draft,
                author=names[each.author],
                reason=each.reason,
                at=each.at,
                writing=Writing.model_validate_json(each.writing),
                outcome=each.outcome,
                decision=_decided(each.decision, names[each.decision.by]) if each.decision else None,
            )
            for each in proposals
        ]


def _is_shown(proposal: Proposal, opened: OpenCase) -> bool:
    if proposal.author == opened.principal.person.id:
        return True
    return proposal.outcome is Outcome.WAITING and policy.may_see_proposals(opened.roles)


def _decided(decision: Decision, by: Author) -> DecisionShown:
    return DecisionShown(by=by, at=decision.at, line=decision.line)
