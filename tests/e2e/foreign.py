"""Words of another language that stand on a page: what nobody who reads only Spanish should meet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

from playwright.sync_api import Page

from server import demo
from tests.e2e.still_server import BLANK
from tests.servers import ROOT

WORDS = ROOT / "web" / "src" / "i18n"
SHORTEST = 3
CONTENT = [ROOT / "tests" / "e2e" / name for name in ("still_server.py", "past_case.py", "asked_case.py", "clinic.py")]
SEEN = """() => {
    const found = []
    const foreign = element => element.closest('.prose, code, kbd, pre, [lang]:not(html)') !== null
    const scope = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body
    const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const { data, parentElement } = walker.currentNode
        if (data.trim() !== '' && parentElement.checkVisibility() && !foreign(parentElement)) found.push(data.trim())
    }
    for (const element of scope.querySelectorAll('*')) {
        if (!element.checkVisibility() || (foreign(element) && !element.matches('.prose'))) continue
        for (const name of ['aria-label', 'aria-placeholder', 'title', 'placeholder', 'alt'])
            if (element.hasAttribute(name)) found.push(element.getAttribute(name))
    }
    return [document.title, ...found]
}"""


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield re.sub(r"\{\{\w+\}\}", " ", node)
    elif isinstance(node, dict):
        for each in node.values():
            yield from _texts(each)


def _words(text: str) -> set[str]:
    """Without addresses, of mail and of places."""
    text = re.sub(r"\S+[@/]\S+", " ", text)
    return {word.lower() for word in re.findall(r"[^\W\d_]+", text) if len(word) >= SHORTEST}


def _vocabulary(language: str) -> set[str]:
    messages = json.loads((WORDS / f"{language}.json").read_text("utf-8"))
    return {word for text in _texts(messages) for word in _words(text)}


@cache
def english_only() -> frozenset[str]:
    """What the page says in English and never in Spanish; what people wrote into cases and templates may be English."""
    written = [*CONTENT, *(ROOT / "server").glob("demo*.py"), *(ROOT / "server").glob("de*_*/**/*.md")]
    told = [path.read_text("utf-8") for path in written]
    told += [case.title for case in demo.CASES] + [fictional.name for fictional in demo.PEOPLE] + [BLANK.title]
    own = {"english"}  # each language is called as its speakers call it
    return frozenset(_vocabulary("en") - _vocabulary("es") - {word for text in told for word in _words(text)} - own)


def english_words(page: Page) -> list[str]:
    """Each text or label of the page that has an English word in it."""
    found = [(text, sorted(_words(text) & english_only())) for text in page.evaluate(SEEN)]
    return [f"English on the Spanish page: “{text}” ({', '.join(words)})" for text, words in found if words]
