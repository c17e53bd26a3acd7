"""The list of screens, by subject: a new page is one line more, and its access is tested and its pictures are kept."""

from __future__ import annotations

from collections.abc import Sequence

from tests.e2e.screens import (
    accounts,
    admin,
    exchange,
    history,
    lists,
    media,
    proposals,
    record,
    templates,
    viewers,
    writing,
)
from tests.e2e.stage import Screen

SCREENS: Sequence[Screen] = (
    *accounts.SCREENS,
    *admin.SCREENS,
    *lists.SCREENS,
    *templates.SCREENS,
    *record.SCREENS,
    *exchange.SCREENS,
    *media.SCREENS,
    *viewers.SCREENS,
    *proposals.SCREENS,
    *history.SCREENS,
    *writing.SCREENS,
)
