"""Files come into a record and go out of it: chosen, dropped, refused, taken back; read again by somebody else's
tools."""

from __future__ import annotations

import re
import signal
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from playwright.sync_api import Download, Locator, expect
from pypdf import PdfReader
from pypdf.generic import ArrayObject

from tests.e2e.conftest import PHONE, Visitor
from tests.servers import People, RunningServer

Visit = Callable[..., Visitor]

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LONG_FRAME_MS = 1000
"""So long a page may stand still on a shared machine; a file made on the page itself takes several times that."""
WATCH_FRAMES = """() => {
    let last = performance.now()
    window.longest = 0
    const tick = now => {
        window.longest = Math.max(window.longest, now - last)
        last = now
        requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
}"""
RECORD = """# Summary

Fever since Łódź, Άσθμα, Ёжик.

# Plan

- [x] CT done
- [ ] MRI

| Na | K |
| --- | --- |
| 139 | 4.1 |

[guideline](https://example.org/g)
"""
SAID = ("A case", "Ravi Ōnishi-Müller", "Consultant", "Fever since Łódź, Άσθμα, Ёжик.", "CT done", "139", "guideline")
DROP = """([selector, name, text]) => {
    const data = new DataTransfer()
    data.items.add(new File([text], name))
    const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
    document.querySelector(selector).dispatchEvent(drop)
}"""


def word_file(*paragraphs: tuple[str, str | None]) -> bytes:
    """A small Word file: each paragraph with its style."""
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    style_of = '<w:pPr><w:pStyle w:val="{}"/></w:pPr>'
    body = "".join(
        f"<w:p>{style_of.format(style) if style else ''}<w:r><w:t>{text}</w:t></w:r></w:p>"
        for text, style in paragraphs
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="rels" ContentType="{rels}"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}">'
        f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
    }
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def choose(visitor: Visitor, name: str, content: bytes) -> Locator:
    """Open the dialog by the keyboard, if it is not open, and choose a file in it."""
    dialog = visitor.page.get_by_role("dialog", name="Import a file")
    if not dialog.is_visible():
        visitor.page.keyboard.press("Control+Shift+p")
        visitor.page.get_by_role("dialog").get_by_role("combobox").fill("Import a file")
        visitor.page.keyboard.press("Enter")
    dialog.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": content})
    return dialog


def export(visitor: Visitor, kind: str, *, confirm: str | None = None) -> Download:
    """Take the record along as a file."""
    with visitor.page.expect_download(timeout=60_000) as coming:
        visitor.page.get_by_role("button", name=re.compile("^Export")).click()
        visitor.page.get_by_role("menuitem", name=kind, exact=True).click()
        if confirm is not None:
            visitor.page.get_by_role("button", name=confirm).click(timeout=60_000)
    return coming.value


def saved(download: Download, folder: Path) -> bytes:
    """What was downloaded."""
    path = folder / download.suggested_filename
    download.save_as(path)
    return path.read_bytes()


def test_a_file_of_each_kind_comes_in_and_can_be_taken_back(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[XCH-1] [XCH-2] [XCH-3] [XCH-4] Text, Markdown, HTML and Word arrive at the other person, one step back takes
    them away again, and nothing in them is run or fetched."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor, size=PHONE)
    ada.open_case(case)
    grace.open_case(case)
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.url))
    ada.write("Plan", "Before. ")
    hostile = (
        b"<html><img src=https://evil.example/x onerror=document.title='hit'><script>document.title='hit'</script>"
        b"<h1>From the web</h1><table><tr><th>Na<td>139</table><a href='https://example.org/'>a link</a></html>"
    )
    files: list[tuple[str, bytes, str]] = [
        ("notes.txt", "Übelkeit seit drei Tagen".encode("cp1252"), "Übelkeit seit drei Tagen"),
        ("notes.md", b"# Course\n\n- [x] CT done\n- [ ] MRI\n\n**Bold** end", "CT done"),
        ("page.bin", hostile, "From the web"),
        ("letter.docx", word_file(("Letter", "Heading1"), ("A paragraph of Word.", None)), "A paragraph of Word."),
    ]
    for name, content, words in files:
        ada.section("Plan").click()
        ada.page.keyboard.press("Control+End")
        dialog = choose(ada, name, content)
        expect(dialog.get_by_role("group", name="This will come in")).to_contain_text(words)
        dialog.get_by_role("button", name="Import into Plan").click()
        expect(grace.section("Plan")).to_contain_text(words)
        expect(ada.section("Plan")).to_contain_text("Before.")
        expect(ada.section("Plan")).to_be_focused()
        if name == "notes.txt":
            continue
        ada.page.keyboard.press("Control+z")
        expect(grace.section("Plan")).not_to_contain_text(words)
        expect(grace.section("Plan")).to_contain_text("Before. ")
        expect(grace.section("Plan")).to_contain_text("Übelkeit")
    assert [url for url in asked if not url.startswith((server.url, "blob:", "data:"))] == []
    assert "hit" not in ada.page.title()


def test_files_are_dropped_spread_and_refused(visit: Visit, server: RunningServer, people: People) -> None:
    """[XCH-1] [XCH-4] [XCH-6] A file dropped on a text offers its section; one with sections of the record goes to
    each, also into folded ones; a PDF is refused in words; what was imported goes while what was typed since stays."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    ada.page.evaluate(DROP, ["#impression .ProseMirror", "a.txt", "%PDF-1.7 nothing"])
    dialog = ada.page.get_by_role("dialog", name="Import a file")
    expect(dialog.get_by_role("alert")).to_contain_text("PDF files cannot be imported")
    choose(ada, "a.txt", b"Dropped words")
    expect(dialog.get_by_role("combobox", name="Section")).to_have_value("impression")
    dialog.get_by_role("button", name="Import into Impression").click()
    expect(grace.section("Impression")).to_have_text("Dropped words")
    expect(ada.section("Impression")).to_be_focused()
    ada.page.keyboard.type(" and more")
    whole = b"Preface\n\n# Resumen\n\nFever.\n\n# Outcome\n\n@Grace Hopper saw her well.\n"
    dialog = choose(ada, "case.md", whole)
    dialog.get_by_label("The text before the first section too").uncheck()
    dialog.get_by_role("button", name="Import into 2 sections").click()
    expect(grace.section("Summary")).to_have_text("Fever.")
    expect(ada.section("Outcome").locator(".mention")).to_have_text("@Grace Hopper")
    grace.write("Summary", " Rash.")
    expect(ada.section("Summary")).to_have_text("Fever. Rash.")
    ada.page.get_by_role("button", name="Undo").last.click()
    expect(grace.section("Summary")).to_have_text(" Rash.")
    expect(ada.section("Outcome")).to_have_text("")
    expect(grace.section("Impression")).to_have_text("Dropped words and more")
    olu = visit(people.observer)
    olu.open_case(case)
    expect(olu.page.get_by_role("button", name="Export")).to_be_visible()
    expect(olu.page.get_by_role("button", name="Import", exact=True)).to_have_count(0)


def check_pdf(content: bytes, entry: str) -> None:
    """Its words, its title, its language, its outline and its links."""
    pdf = PdfReader(BytesIO(content))
    said = re.sub(r"\s+", "", "".join(page.extract_text() for page in pdf.pages))
    for word in (*SAID, entry, "not the record", "Page 1 of 1", "☑", "☐"):
        assert re.sub(r"\s+", "", word) in said, word
    assert pdf.metadata is not None
    assert pdf.metadata.title == "A case"
    assert str(pdf.root_object["/Lang"]) == "en"
    assert [getattr(item, "title", None) for item in pdf.outline] == ["Summary", "Plan"]
    annotations = pdf.pages[0]["/Annots"]
    assert isinstance(annotations, ArrayObject)
    notes = [note.get_object() for note in annotations]
    assert [note["/A"]["/URI"] for note in notes] == ["https://example.org/g"]


def check_word(content: bytes, entry: str) -> None:
    """Its words, and that headings and boxes are Word's own."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        document = archive.read("word/document.xml").decode()
    text = re.sub(r"<[^>]+>", "", document)
    for word in (*SAID, entry, "not the record"):
        assert word in text, word
    assert document.count('<w:pStyle w:val="Heading1"/>') == 2
    assert document.count("<w14:checkbox>") == 2


def test_an_export_of_each_kind_says_the_same(
    visit: Visit, server: RunningServer, people: People, tmp_path: Path
) -> None:
    """[XCH-7] [XCH-9] PDF, Word and Markdown, read by other tools: title, people, sections, tables, tasks, entry of the
    journal, and in the reader's language; letters without a font are told first."""
    case = people.open_case(server)
    ada = visit(people.lead)
    ada.open_case(case)
    choose(ada, "record.md", RECORD.encode()).get_by_role("button", name="Import into 2 sections").click()
    expect(ada.section("Plan")).to_contain_text("guideline")
    expect(ada.status).to_contain_text("Saved")
    entry = f"up to entry {len(server.history(people.lead, case))}"
    check_pdf(saved(export(ada, "PDF"), tmp_path), entry)
    download = export(ada, "Word (.docx)")
    assert re.fullmatch(rf"consilium-[A-Z]{{2}}-{case}-[\d-]+\.docx", download.suggested_filename)
    check_word(saved(download, tmp_path), entry)

    ada.write("Summary", " 林")
    expect(ada.status).to_contain_text("Saved")
    ada.page.get_by_role("button", name="Account").click()
    ada.page.get_by_role("menuitemradio", name="Español").click()
    markdown = saved(export(ada, "Markdown"), tmp_path).decode()
    assert "## Resumen\n\nFever since Łódź, Άσθμα, Ёжик. 林\n" in markdown
    assert "| 139 | 4.1 |" in markdown
    assert "Esto es una copia" in markdown
    download = export(ada, "PDF", confirm="Descargarlo tal como está")
    pages = PdfReader(BytesIO(saved(download, tmp_path))).pages
    assert "□" in "".join(page.extract_text() for page in pages)


def test_an_export_is_of_what_is_saved(visit: Visit, server: RunningServer, people: People, tmp_path: Path) -> None:
    """[XCH-8] With a frozen server it waits and says for what; with a dead one it offers what the page has, and the
    file says so."""
    case = people.open_case(server)
    ada = visit(people.lead)
    ada.open_case(case)
    ada.write("Plan", "Saved words. ")
    expect(ada.status).to_contain_text("Saved")
    server.process.send_signal(signal.SIGSTOP)
    try:
        ada.write("Plan", "Waiting words.")
        expect(ada.status).to_contain_text("Not saved yet")
        ada.page.get_by_role("button", name="Export").click()
        ada.page.get_by_role("menuitem", name="Markdown").click()
        expect(ada.page.get_by_role("dialog")).to_contain_text("not saved yet")
    finally:
        with ada.page.expect_download(timeout=60_000) as coming:
            server.process.send_signal(signal.SIGCONT)
    assert "Saved words. Waiting words." in saved(coming.value, tmp_path).decode()
    server.kill()
    ada.write("Plan", " Offline words.")
    expect(ada.status).to_contain_text("Offline")
    markdown = saved(export(ada, "Markdown", confirm="Make it from this page"), tmp_path).decode()
    assert "Offline words." in markdown
    assert "without a connection to the server" in markdown
    assert "not saved" in markdown


def test_a_long_record_comes_and_goes_while_the_page_goes_on(
    visit: Visit, server: RunningServer, people: People, tmp_path: Path
) -> None:
    """[XCH-10] A hundred thousand characters in, and out as PDF and Word; the page never stands still for long, and an
    export can be given up."""
    case = people.open_case(server)
    ada = visit(people.lead)
    ada.open_case(case)
    ada.section("Plan").click()
    paragraphs = "\n\n".join(f"Day {number}: " + "Fever, cough and a rash on both legs. " * 13 for number in range(200))
    assert len(paragraphs) > 95_000
    choose(ada, "long.txt", paragraphs.encode()).get_by_role("button", name="Import into Plan").click()
    expect(ada.section("Plan")).to_contain_text("Day 199: Fever", timeout=60_000)
    expect(ada.status).to_contain_text("Saved", timeout=60_000)
    ada.page.get_by_role("button", name="Export").click()
    ada.page.get_by_role("menuitem", name="PDF").click()
    ada.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    ada.page.evaluate(WATCH_FRAMES)
    pages = PdfReader(BytesIO(saved(export(ada, "PDF"), tmp_path))).pages
    assert len(pages) > 20
    assert "199:" in pages[-1].extract_text()
    assert len(saved(export(ada, "Word (.docx)"), tmp_path)) > 5_000
    assert ada.page.evaluate("window.longest") < LONG_FRAME_MS
