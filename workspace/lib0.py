"""The encoding under every Yjs protocol, read with bounds. Source: lib0 `encoding.js`, `decoding.js`.

What cannot be read is InvalidMessage, and nothing else: these bytes come from anybody.
"""

from __future__ import annotations

from workspace.errors import InvalidMessage

MAX_UINT = 2**53 - 1
"""JavaScript's largest safe integer: no lib0 encoder writes a larger one."""
MAX_UINT_BYTES = 8
MAX_NESTING = 64
"""Rust reads nested values by recursion and dies of 50,000 levels; no case needs 64."""

_ANY_SIZES = {127: 0, 126: 0, 124: 4, 123: 8, 122: 8, 121: 0, 120: 0}
"""Tags of lib0's `any` that are followed by a fixed number of bytes: undefined, null, floats, bigint, false, true."""
_ANY_INTEGER, _ANY_STRING, _ANY_OBJECT, _ANY_ARRAY, _ANY_BUFFER = 125, 119, 118, 117, 116


class Decoder:
    """Reads values one after another. `position` is where the next one starts. Every method raises InvalidMessage."""

    __slots__ = ("_data", "_end", "position")

    def __init__(self, data: bytes, position: int = 0) -> None:
        self._data = data
        self._end = len(data)
        self.position = position

    @property
    def at_end(self) -> bool:
        """Whether all bytes were read."""
        return self.position == self._end

    def expect_end(self) -> None:
        """Refuse bytes after the last value."""
        if self.position != self._end:
            raise InvalidMessage("trailing bytes")

    def read_byte(self) -> int:
        """One byte."""
        position = self.position
        if position >= self._end:
            raise InvalidMessage("cut off")
        self.position = position + 1
        return self._data[position]

    def read_bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        start = self.position
        end = start + count
        if end > self._end:
            raise InvalidMessage("cut off")
        self.position = end
        return self._data[start:end]

    def read_var_uint(self) -> int:
        """varUint, at most 53 bits."""
        data, position = self._data, self.position
        try:
            byte = data[position]
            if byte < 128:  # most are
                self.position = position + 1
                return byte
            value, shift = byte & 127, 7
            while byte >= 128:
                position += 1
                byte = data[position]
                value |= (byte & 127) << shift
                shift += 7
                if shift > 7 * MAX_UINT_BYTES:
                    raise InvalidMessage("integer too long")
        except IndexError:
            raise InvalidMessage("cut off") from None
        if value > MAX_UINT:
            raise InvalidMessage("integer too large")
        self.position = position + 1
        return value

    def read_var_int(self) -> int:
        """varInt: the first byte holds the sign and 6 bits. At most 53 bits besides the sign."""
        byte = self.read_byte()
        value, shift = byte & 63, 6
        negative = byte & 64
        while byte >= 128:
            byte = self.read_byte()
            value |= (byte & 127) << shift
            shift += 7
            if shift > 7 * MAX_UINT_BYTES:
                raise InvalidMessage("integer too long")
        if value > MAX_UINT:
            raise InvalidMessage("integer too large")
        return -value if negative else value

    def read_count(self, smallest: int = 1) -> int:
        """varUint that counts things of at least `smallest` bytes each: never more than the bytes left can hold."""
        count = self.read_var_uint()
        if count * smallest > self._end - self.position:
            raise InvalidMessage("count exceeds what is there")
        return count

    def read_var_bytes(self) -> bytes:
        """varBytes."""
        return self.read_bytes(self.read_var_uint())

    def read_var_string(self) -> str:
        """varString: its length counts UTF-8 bytes. Rust takes them unchecked, so they are checked here."""
        try:
            return self.read_bytes(self.read_var_uint()).decode()
        except UnicodeDecodeError:
            raise InvalidMessage("not UTF-8") from None

    def skip_any(self, depth: int = 0) -> None:
        """Pass over one lib0 `any`, checking all of it. `depth` counts the objects and arrays around it."""
        tag = self.read_byte()
        size = _ANY_SIZES.get(tag)
        if size is not None:
            self.read_bytes(size)
        elif tag == _ANY_STRING:
            self.read_var_string()
        elif tag == _ANY_INTEGER:
            self.read_var_int()
        elif tag == _ANY_BUFFER:
            self.read_var_bytes()
        elif tag not in {_ANY_OBJECT, _ANY_ARRAY}:
            raise InvalidMessage("unknown kind of value")
        elif depth >= MAX_NESTING:
            raise InvalidMessage("nested too deep")
        elif tag == _ANY_ARRAY:
            for _ in range(self.read_count()):
                self.skip_any(depth + 1)
        else:
            for _ in range(self.read_count(smallest=2)):
                self.read_var_string()
                self.skip_any(depth + 1)


def write_var_uint(out: bytearray, value: int) -> None:
    """Append varUint. `value` is 0…MAX_UINT."""
    if not 0 <= value <= MAX_UINT:
        raise ValueError(value)
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def write_var_bytes(out: bytearray, data: bytes) -> None:
    """Append varBytes."""
    write_var_uint(out, len(data))
    out += data


def write_var_string(out: bytearray, text: str) -> None:
    """Append varString. The length written is that of the UTF-8 bytes, not of the characters."""
    write_var_bytes(out, text.encode())
