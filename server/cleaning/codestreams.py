"""Comments and foreign data inside compressed frames: JPEG (ITU-T T.81 §B.2) and JPEG 2000 (T.800 annexes A and I).

What is found is overwritten with zeros in place, so that lengths and tables of offsets stay right.
"""

from __future__ import annotations

_MARKERS_ALONE = {0x01, 0xD8, *range(0xD0, 0xD8)}
_SOS, _EOI, _COMMENT = 0xDA, 0xD9, 0xFE
# JFIF (density only), SPIFF or JPEG-LS (colour transform), Adobe (colour transform): short, and decoders need them.
_NEEDED = {0xE0: 14, 0xE8: 32, 0xEE: 12}
_J2K_SOT, _J2K_COMMENT = 0x90, 0x64
_JP2 = b"\0\0\0\x0cjP  "
_BOXES_TO_CLEAR = {b"uuid", b"xml ", b"uinf", b"jp2i"}


def without_comments(head: bytes) -> bytes:
    """The beginning of a fragment, of the same length, without text that is not image [DEI-10].

    A fragment that begins in the middle of a frame is returned as it is.
    """
    if head.startswith(b"\xff\xd8"):
        return _jpeg(head)
    if head.startswith(b"\xff\x4f"):
        return _jpeg2000(head, 2)
    return _jp2(head) if head.startswith(_JP2) else head


def _jpeg(head: bytes) -> bytes:
    clean, at = bytearray(head), 2
    while at + 4 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _MARKERS_ALONE:
            at += 2
            continue
        if marker in (_SOS, _EOI):
            break
        length = int.from_bytes(head[at + 2 : at + 4], "big")
        if marker == _COMMENT or 0xE0 <= marker <= 0xEF:
            start = at + 4 + _NEEDED.get(marker, 0)
            end = min(at + 2 + length, len(head))
            clean[start:end] = bytes(max(0, end - start))
        at += 2 + length
    return bytes(clean)


def _jpeg2000(head: bytes, at: int) -> bytes:
    clean = bytearray(head)
    while at + 4 <= len(head) and head[at] == 0xFF and head[at + 1] != _J2K_SOT:
        length = int.from_bytes(head[at + 2 : at + 4], "big")
        if head[at + 1] == _J2K_COMMENT:
            start, end = at + 6, min(at + 2 + length, len(head))
            clean[start:end] = bytes(max(0, end - start))
        at += 2 + length
    return bytes(clean)


def _jp2(head: bytes) -> bytes:
    clean, at = bytearray(head), 0
    while at + 8 <= len(head):
        length, kind = int.from_bytes(head[at : at + 4], "big"), head[at + 4 : at + 8]
        if kind == b"jp2c":
            at += 16 if length == 1 else 8
            inner = _jpeg2000(bytes(clean[at:]), 2)
            return bytes(clean[:at]) + inner
        if length < 8:
            break
        if kind in _BOXES_TO_CLEAR:
            end = min(at + length, len(head))
            clean[at + 8 : end] = bytes(max(0, end - at - 8))
        at += length
    return bytes(clean)
