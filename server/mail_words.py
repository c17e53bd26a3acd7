"""What our mails say, in the reader's language. Nothing of any case is ever in a mail. [ACC-13]

Another language is one more entry here; the fields in braces are the person's name, the link and its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.ports import MailKind

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One mail."""

    subject: str
    text: str


WORDS: Mapping[str, Mapping[MailKind, Words]] = {
    "en": {
        MailKind.RESET: Words(
            "Choose a new password for Consilium",
            "Hello {name},\n\n"
            "somebody, probably you, asked for a new password for Consilium. Choose one here:\n\n"
            "{link}\n\n"
            "The link works once and for one hour. If you did not ask for it, ignore this mail: nothing has changed.\n",
        ),
        MailKind.CHANGED: Words(
            "Your password for Consilium was changed",
            "Hello {name},\n\n"
            "the password of your Consilium account was changed, and every other device was signed out.\n\n"
            "If that was not you, ask for a new password at once and tell whoever runs this server:\n\n"
            "{link}\n",
        ),
    },
    "es": {
        MailKind.RESET: Words(
            "Elija una nueva contraseña para Consilium",
            "Hola, {name}:\n\n"
            "Alguien, probablemente usted, ha pedido una nueva contraseña para Consilium. Elíjala aquí:\n\n"
            "{link}\n\n"
            "El enlace funciona una sola vez y durante una hora. Si no lo ha pedido usted, no haga caso de este"
            " mensaje: no ha cambiado nada.\n",
        ),
        MailKind.CHANGED: Words(
            "Se ha cambiado su contraseña de Consilium",
            "Hola, {name}:\n\n"
            "Se ha cambiado la contraseña de su cuenta de Consilium y se ha cerrado la sesión en los demás"
            " dispositivos.\n\n"
            "Si no ha sido usted, pida enseguida una nueva contraseña y avise a quien administra este servidor:\n\n"
            "{link}\n",
        ),
    },
}


def words_for(kind: MailKind, language: str | None) -> Words:
    """`es-MX` is content with `es`; a language that we do not write in, with English."""
    general = (language or FALLBACK).partition("-")[0]
    return WORDS.get(general, WORDS[FALLBACK])[kind]
