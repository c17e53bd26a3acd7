"""Images and files of a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Page, expect

from tests.e2e.clinic import unfold_actions
from tests.e2e.screens.places import EMPTY, WITH_PICTURES, WRITTEN
from tests.e2e.screens.steps import Said
from tests.e2e.stage import Screen


def open_images(*then: str) -> Callable[[Page, Said], object]:
    """A tab at the desk, a sheet on the phone; and press what stands in it."""

    def steps(page: Page, said: Said) -> None:
        name = said("media.short")
        page.get_by_role("tab", name=name).or_(page.get_by_role("button", name=name)).first.click()
        expect(page.locator("article .picture, [data-picker=files]").first).to_be_attached()
        for key in then:
            if key == "media.redact":
                unfold_actions(page)
            page.get_by_role("button", name=said(key)).first.click()

    return steps


def look_at(picture: str, *then: str) -> Callable[[Page, Said], object]:
    """Open the first of the gallery, press what is offered, and wait until `picture` is drawn."""

    def steps(page: Page, said: Said) -> None:
        open_images(*then)(page, said)
        shown = page.locator(picture).first
        expect(shown).to_be_visible()
        page.wait_for_function("each => each.naturalWidth > 0", arg=shown.element_handle())

    return steps


SCREENS: Sequence[Screen] = (
    Screen(
        "images-none",
        "amara",
        EMPTY,
        "A case without images says what may come, and how.",
        shows=WRITTEN,
        steps=open_images(),
    ),
    Screen(
        "images",
        "meihua",
        WITH_PICTURES,
        "The gallery of a case, to a consultant.",
        shows=WRITTEN,
        steps=look_at("article img"),
    ),
    Screen(
        "images-on-the-way",
        "amara",
        WITH_PICTURES,
        "What is on its way: to be looked at, to be sent again, not taken and why.",
        shows=WRITTEN,
        steps=look_at("article img"),
    ),
    Screen(
        "images-review",
        "amara",
        WITH_PICTURES,
        "A picture that may show a name is looked at before others see it.",
        shows=WRITTEN,
        steps=look_at("dialog .frame img", "media.look"),
    ),
    Screen(
        "images-describe",
        "amara",
        WITH_PICTURES,
        "What a picture shows, for those who cannot see it.",
        shows=WRITTEN,
        steps=look_at("dialog .small img", "media.needsAlt"),
    ),
    Screen(
        "images-large",
        "meihua",
        WITH_PICTURES,
        "One of the gallery, large, with what was removed from its file.",
        shows=WRITTEN,
        steps=look_at("dialog .stage img", "media.openNamed"),
    ),
    Screen(
        "images-redact",
        "amara",
        WITH_PICTURES,
        "Something in a photo is made unreadable, with areas or with a brush.",
        shows=WRITTEN,
        steps=look_at("dialog .frame img", "media.openNamed", "media.redact"),
    ),
)
