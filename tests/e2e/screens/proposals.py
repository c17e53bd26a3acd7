"""What colleagues who may not write ask to include."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Page, expect

from tests.e2e.screens.places import WITH_PROPOSALS, WRITTEN
from tests.e2e.screens.steps import Said
from tests.e2e.stage import Screen


def show_proposals(*then: str) -> Callable[[Page, Said], object]:
    """Unfold what is asked for, and press what is offered there first."""

    def step(page: Page, said: Said) -> None:
        notice = page.get_by_role("region", name=said("proposal.title"))
        for key in ("proposal.show", *then):
            notice.get_by_role("button", name=said(key)).first.click()
        expect(notice.get_by_role("article").first).to_be_visible()

    return step


SCREENS: Sequence[Screen] = (
    Screen(
        "proposals",
        "amara",
        WITH_PROPOSALS,
        "What colleagues who may not write ask to include.",
        shows=WRITTEN,
        steps=show_proposals(),
    ),
    Screen(
        "proposals-decline",
        "amara",
        WITH_PROPOSALS,
        "Declining it, with a line to who asks.",
        shows=WRITTEN,
        steps=show_proposals("proposal.decline"),
    ),
    Screen(
        "proposals-own",
        "rafael",
        WITH_PROPOSALS,
        "What became of what one asked for.",
        shows="#summary .ProseMirror, .included",
    ),
    Screen(
        "proposals-moderator",
        "ingrid",
        WITH_PROPOSALS,
        "A moderator sees what is asked for, and does not decide.",
        shows=WRITTEN,
        steps=show_proposals(),
    ),
)
