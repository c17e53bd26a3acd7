"""Names as people look for them: accents and case apart."""

from __future__ import annotations

import unicodedata

from workspace.case import Person


def folded(text: str) -> str:
    """Without marks and case, compatible forms made one."""
    marked = unicodedata.normalize("NFKD", text)
    return "".join(c for c in marked if not unicodedata.combining(c)).casefold()


def is_found(person: Person, search: str) -> bool:
    """Whether name or e-mail contains every word that is looked for."""
    text = folded(f"{person.name} {person.email}")
    return all(word in text for word in folded(search).split())


def by_name(person: Person) -> tuple[str, str]:
    """The order of a list of people."""
    return folded(person.name), person.id
