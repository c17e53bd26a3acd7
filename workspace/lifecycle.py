"""The life of a case: from which state it goes to which, and the right that each step asks for.

`draft → open → concluded`, and back to `open` when there is more to do. Archiving and what follows it have their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from workspace.case import CaseState, Role
from workspace.errors import Conflict, Forbidden
from workspace.policy import Right, may

STEPS = MappingProxyType(
    {
        (CaseState.DRAFT, CaseState.OPEN): Right.CONCLUDE,
        (CaseState.OPEN, CaseState.CONCLUDED): Right.CONCLUDE,
        (CaseState.CONCLUDED, CaseState.OPEN): Right.CONCLUDE,
    }
)


def check_step(roles: Iterable[Role], was: CaseState, state: CaseState) -> None:
    """Whether somebody with these roles may take a case from one state to another.

    Raises: Conflict when a case does not go that way, whoever asks; Forbidden when it does, but not by them.
    """
    right = STEPS.get((was, state))
    if right is None:
        raise Conflict(f"a case does not go from {was.value} to {state.value}")
    if not may(roles, right):
        raise Forbidden


def next_states(roles: Iterable[Role], was: CaseState) -> frozenset[CaseState]:
    """Where somebody with these roles may take a case that is in this state."""
    held = frozenset(roles)
    return frozenset(state for (start, state), right in STEPS.items() if start is was and may(held, right))
