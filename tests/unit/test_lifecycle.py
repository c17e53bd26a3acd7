"""workspace.lifecycle against the steps of a case's life, written out once more."""

from __future__ import annotations

import itertools

import pytest

from workspace.case import CaseState, Role
from workspace.errors import Conflict, Forbidden
from workspace.lifecycle import STEPS, check_step, next_states

DRAFT, OPEN, CONCLUDED = CaseState.DRAFT, CaseState.OPEN, CaseState.CONCLUDED
TAKEN = {(DRAFT, OPEN), (OPEN, CONCLUDED), (CONCLUDED, OPEN)}


@pytest.mark.parametrize(("was", "state"), list(itertools.product(CaseState, CaseState)))
def test_lead_and_moderator_take_the_steps_there_are(was: CaseState, state: CaseState) -> None:
    """[LST-2] And no others: what no case does is a conflict, whoever asks."""
    for role in Role:
        if (was, state) not in TAKEN:
            with pytest.raises(Conflict):
                check_step({role}, was, state)
        elif role in (Role.LEAD, Role.MODERATOR):
            check_step({role}, was, state)
        else:
            with pytest.raises(Forbidden):
                check_step({role}, was, state)


def test_the_next_states_are_those_that_a_step_leads_to() -> None:
    """[LST-2]"""
    assert set(STEPS) == TAKEN
    assert next_states({Role.LEAD}, OPEN) == {CONCLUDED}
    assert next_states({Role.MODERATOR}, CONCLUDED) == {OPEN}
    assert next_states({Role.OBSERVER, Role.CONTRIBUTOR}, OPEN) == frozenset()
    assert next_states({Role.LEAD}, CaseState.ARCHIVED) == frozenset()
