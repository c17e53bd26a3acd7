"""Shows an image in the text of a record: an edit over y-websocket, as a page would make it."""

from __future__ import annotations

from pycrdt import Doc, XmlElement, XmlFragment, XmlText
from websockets.sync.client import ClientConnection, connect

from server.demo_media.chosen import Chosen
from workspace.messages import SyncStep1, SyncStep2, Update
from workspace.wire import Type, decode, encode

PATIENCE_SECONDS = 30.0
LONGEST_LABEL = 300


def show_figure(address: str, token: str, case: str, media: str, chosen: Chosen) -> None:
    """Put it behind its paragraph, unless the text shows it already, or has changed. Returns when that is saved.

    Raises: OSError, TimeoutError, websockets' WebSocketException.
    """
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{address.replace('http', 'ws', 1)}/yjs/{case}/record?ack=1"
    with connect(url, additional_headers=headers, compression=None, max_size=None, proxy=None) as socket:
        document: Doc[XmlFragment] = Doc()
        socket.send(encode(SyncStep1(document.get_state())))
        _read_all(socket, document)
        before = document.get_state()
        if place(document.get(chosen.section, type=XmlFragment), media, chosen):
            socket.send(encode(Update(document.get_update(before))))
            while _receive(socket)[0] != Type.ACCEPTED:
                pass


def place(section: XmlFragment, media: str, chosen: Chosen) -> bool:
    """Whether it was put in."""
    blocks = list(section.children)
    if any(isinstance(each, XmlElement) and each.attributes.get("media") == media for each in blocks):
        return False
    index = next((index for index, each in enumerate(blocks) if chosen.behind in text_of(each)), None)
    if index is None:
        return False
    figure = XmlElement("figure", {"media": media, "label": chosen.caption[:LONGEST_LABEL]})
    section.children.insert(index + 1, figure)
    return True


def text_of(node: XmlElement | XmlFragment | XmlText) -> str:
    """Its words, without marks."""
    if isinstance(node, XmlText):
        return "".join(piece for piece, _ in node.diff() if isinstance(piece, str))
    return "".join(text_of(child) for child in node.children)


def _read_all(socket: ClientConnection, document: Doc[XmlFragment]) -> None:
    while True:
        frame = _receive(socket)
        for message in decode(frame) if frame[0] == Type.SYNC else ():
            if isinstance(message, SyncStep2 | Update):
                document.apply_update(message.update)
            if isinstance(message, SyncStep2):
                return


def _receive(socket: ClientConnection) -> bytes:
    frame = socket.recv(timeout=PATIENCE_SECONDS)
    return frame if isinstance(frame, bytes) else b"\x00"
