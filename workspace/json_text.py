"""JSON that serde_json, behind yrs, reads without complaint. Source: RFC 8259; numbers finite, surrogate pairs whole.

Python is more generous, and neither of the two bounds nesting low enough for us.
"""

from __future__ import annotations

import re
from json import JSONDecoder, dumps
from math import isinf

from workspace.errors import InvalidMessage
from workspace.lib0 import MAX_NESTING

_COMMON = frozenset({"true", "false", "null", "{}", '""'})
"""Nearly every format: they need no parser."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_SAFE_DIGITS = 18
"""An integer this short, sign included, fits into 64 bits."""


def check_json(text: str) -> None:
    """Refuse what serde_json would not read into yrs' `Any`, and nesting beyond MAX_NESTING. Raises: InvalidMessage."""
    if text in _COMMON:
        return
    check_nesting(text)
    try:
        value: object = _DECODER.decode(text)
        if "\\u" in text:
            dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    except ValueError:
        raise InvalidMessage("not JSON") from None


def check_nesting(text: str) -> None:
    """Refuse nesting beyond MAX_NESTING; how deep Python's own reader goes is another thing in each of its versions.
    Raises: InvalidMessage."""
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_NESTING:
            raise InvalidMessage("nested too deep")


def _check_integer(digits: str) -> float:
    if len(digits) > _SAFE_DIGITS and 2**63 <= float(digits) <= 2**64:
        # yrs has a place for i64 and for f64, none for what serde_json reads as u64.
        raise ValueError(digits)
    return _check_float(digits)


def _check_float(digits: str) -> float:
    value = float(digits)
    if isinf(value):
        raise ValueError(digits)
    return value


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


_DECODER = JSONDecoder(parse_int=_check_integer, parse_float=_check_float, parse_constant=_refuse_constant)
