"""The README's first steps, done as it says: from its command to two people who see each other write."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.servers import ROOT, free_port

MOST_SECONDS = 120


def steps_of_the_readme() -> list[str]:
    """The numbered list under "Try it"."""
    text = (ROOT / "README.md").read_text("utf-8")
    part = re.search(r"^## Try it\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    assert part is not None
    return re.findall(r"^\d\. (.+(?:\n   .+)*)", part[1], re.MULTILINE)


@contextmanager
def demo(data: Path) -> Iterator[str]:
    """What `python3 run demo` becomes when everything is set up; gives what it prints before it waits for people."""
    words = ["--data", str(data), "demo", "--without-images", "--port", str(free_port())]
    command = [sys.executable, "-m", "server", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            said = ""
            while said.count("/enter#") < 6:
                line = process.stdout.readline()
                assert line != "", said
                said += line
            yield said
        finally:
            process.terminate()


def enter(browser: Browser, link: str, title: str) -> Page:
    """Two clicks: the link, and the case."""
    page = browser.new_context().new_page()
    page.goto(link)
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_role("textbox", name="Plan", exact=True)).to_be_editable()
    return page


def test_the_readme_leads_to_a_shared_case_in_two_minutes(browser: Browser, tmp_path: Path) -> None:
    """[DEMO-4] One command, two links, one click in each browser: both write, and each sees the other's words."""
    steps = steps_of_the_readme()
    assert len(steps) == 4
    assert "python3 run demo" in steps[0]
    assert 'argv[0] == "demo"' not in (ROOT / "run").read_text("utf-8"), "`run` hands the word on as it is"
    began = time.monotonic()
    with demo(tmp_path / "data") as said:
        named = dict(re.findall(r"^  (Dr \w+ \w+): .*\n    (\S+/enter#\S+)$", said, re.MULTILINE))
        title = "Thunderclap headaches nine days after a delivery"
        for name in ("Dr Amara Okafor", "Dr Jonas Müller"):
            assert name in steps[1], "the README names whom to be"
        assert "Thunderclap" in steps[2]
        amara, jonas = (enter(browser, named[name], title) for name in ("Dr Amara Okafor", "Dr Jonas Müller"))
        for page, other, words in ((amara, jonas, "Amara was here. "), (jonas, amara, "Jonas too. ")):
            page.get_by_role("textbox", name="Plan", exact=True).click()
            page.keyboard.type(words)
            expect(other.get_by_role("textbox", name="Plan", exact=True)).to_contain_text(words.strip())
        took = time.monotonic() - began
        for page in (amara, jonas):
            expect(page.get_by_role("status").first).to_contain_text("Saved")
            page.context.close()
    assert took < MOST_SECONDS
