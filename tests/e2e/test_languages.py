"""Writing a case in Spanish, and in two languages at once."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Visitor
from tests.servers import PASSWORD, People, RunningServer

Visit = Callable[..., Visitor]


def test_a_case_is_written_in_spanish(visit: Visit, server: RunningServer, people: People) -> None:
    """[LANG-2] [WRT-6] A browser that prefers Spanish: signing in, opening, writing, every word around it, counts and
    numbers, the palette, and a status that tells of one change and of several."""
    ada = visit(people.lead, locale="es-ES", signs_in=False)
    page, keys = ada.page, ada.page.keyboard
    page.get_by_label("Correo electrónico").fill(people.lead.email)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Iniciar sesión").click()
    expect(page.get_by_role("heading", name="Mis casos")).to_be_visible()
    case = people.open_case(server)
    page.goto(f"{server.url}/cases/{case}")
    summary = ada.section("Resumen")
    expect(summary).to_have_attribute("lang", "es")
    expect(summary).to_have_attribute("aria-placeholder", re.compile("^La historia en pocas frases"))
    expect(page.get_by_role("region", name="Exploración física")).to_contain_text("Vacío. Aquí corresponde: Constantes")
    summary.click()
    keys.type("Cefalea súbita")
    expect(ada.status).to_have_text("Guardado")
    keys.press("Control+Shift+P")
    page.get_by_role("combobox", name="¿Qué desea hacer?").fill("exploracion")
    expect(page.get_by_text("1 acción")).to_be_attached()
    keys.press("Enter")
    expect(ada.section("Exploración física")).to_be_focused()
    keys.press("Control+/")
    expect(page.get_by_role("dialog", name="Atajos de teclado")).to_contain_text("Re Pág")
    keys.press("Escape")
    ada.section("Plan").evaluate(
        """element => {
            const carried = new DataTransfer()
            carried.setData('text/plain', 'x'.repeat(500001))
            const paste = { clipboardData: carried, bubbles: true, cancelable: true }
            element.dispatchEvent(new ClipboardEvent('paste', paste))
        }"""
    )
    expect(page.get_by_text("hasta 500.000 caracteres")).to_be_visible()
    server.kill()
    ada.section("Plan").click()
    keys.type("a")
    expect(ada.status).to_contain_text(re.compile("(Sin conexión|Aún sin guardar): 1 cambio "))
    keys.type("bc")
    expect(ada.status).to_contain_text(re.compile("(Sin conexión|Aún sin guardar): 3 cambios "))
    server.start()
    expect(ada.status).to_have_text("Guardado", timeout=45_000)


def test_the_language_changes_while_somebody_writes(visit: Visit, server: RunningServer, people: People) -> None:
    """[LANG-3] [WRT-6] In place: every word around the text is of the other language, the text, the caret, what can be
    undone and what others write stay."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor, locale="es-ES", signs_in=False)
    ada.open_case(case)
    grace.page.get_by_label("Correo electrónico").fill(people.contributor.email)
    grace.page.get_by_label("Contraseña").fill(PASSWORD)
    grace.page.get_by_role("button", name="Iniciar sesión").click()
    expect(grace.page.get_by_role("heading", name="Mis casos")).to_be_visible()
    grace.page.goto(f"{server.url}/cases/{case}")
    grace.section("Resumen").click()
    grace.page.keyboard.type("Sodio 139 mmol/l")
    expect(ada.section("Summary")).to_have_text("Sodio 139 mmol/l")
    ada.write("Summary", "; potassium 4.1")
    expect(grace.section("Resumen")).to_have_text("Sodio 139 mmol/l; potassium 4.1")
    ada.page.get_by_role("button", name="Account").click()
    ada.page.get_by_role("menuitemradio", name="Español").click()
    expect(ada.page.get_by_role("toolbar", name="Formato")).to_be_visible()
    summary = ada.section("Resumen")
    expect(summary).to_have_text("Sodio 139 mmol/l; potassium 4.1")
    expect(summary).to_have_attribute("lang", "es")
    expect(ada.section("Plan").locator("[data-placeholder]")).to_have_attribute(
        "data-placeholder", re.compile("^Qué se hará a continuación")
    )
    grace.page.keyboard.type("!")
    expect(summary).to_have_text(re.compile("Sodio 139 mmol/l!; potassium 4.1"))
    summary.click()
    ada.page.keyboard.press("Control+z")
    expect(grace.section("Resumen")).not_to_contain_text("4.1")
    expect(grace.section("Resumen")).to_contain_text("Sodio 139 mmol/l!")
    ada.page.reload()
    expect(ada.section("Resumen")).to_contain_text("Sodio 139 mmol/l!")
    expect(ada.status).to_have_text("Guardado")
