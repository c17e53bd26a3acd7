"""Bodies: of requests, JSON that is bounded in size and time and checked field by field; of queries; and of answers.

The models are also the API's description (`server/openapi.py`): what a validator of ours checks stands in the JSON
schema as a pattern too, so that a client can know before it asks.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from server.settings import Settings
from workspace.errors import InvalidRequest, TooLarge

MOST_PROBLEMS = 10
GREATEST = 2**53 - 1
"""The largest whole number that every JSON reader keeps as it is."""

DIGITS = re.compile(r"[0-9]{1,16}")
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
ONE_LINE_PATTERN = rf"^[^{_CONTROL}]*[^{_CONTROL}\s][^{_CONTROL}]*$"
EMAIL_PATTERN = rf"^[^{_CONTROL}\s]+@[^{_CONTROL}\s@]+$"


class Body(BaseModel):
    """What a request body is made of: no field more, no type bent."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Answer(BaseModel):
    """What an answer's JSON is made of: the description of the API is made from these."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def reply(answer: Answer, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer as JSON."""
    return Response(answer.model_dump_json(), status, headers, "application/json")


def _one_line(text: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text):
        raise ValueError("one line of text")
    return text


def _email(text: str) -> str:
    name, at, host = text.rpartition("@")
    if not (name and at and host) or any(c.isspace() for c in text):
        raise ValueError("an e-mail address")
    return text


OneLine = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_line),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200, "pattern": ONE_LINE_PATTERN}),
]
Phrase = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=100),
    AfterValidator(_one_line),
    WithJsonSchema({"type": "string", "maxLength": 100, "pattern": rf"^[^{_CONTROL}]*$"}),
]
"""One line that may be empty."""
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(_one_line),
    AfterValidator(_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254, "pattern": EMAIL_PATTERN}),
]
Whole = Annotated[int, Field(ge=0, le=GREATEST)]
"""0, 1, 2…"""
Id = Annotated[str, Field(pattern=r"^[a-z2-7]{16}$", description="16 characters that say nothing.")]
When = Annotated[int, Field(description="Milliseconds since 1970-01-01 UTC.")]

M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, kind: type[M], settings: Settings) -> M:
    """The request's JSON as a checked value. Raises: InvalidRequest naming the fields, TooLarge.

    Only `application/json` is read: a page of another origin cannot send that without asking first, and is refused.
    """
    if media_type(request) != "application/json":
        raise InvalidRequest("content-type: application/json")
    body = await read_bytes(request, settings.max_body_bytes, settings.body_seconds)
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise InvalidRequest(*problems_of(error)) from error


def media_type(request: Request) -> str:
    """What the body claims to be, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_bytes(request: Request, most: int, seconds: float) -> bytes:
    """The whole body. Raises: TooLarge, InvalidRequest when it does not arrive in time."""
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise TooLarge(f"body: at most {most} bytes")
    except TimeoutError as error:
        raise InvalidRequest("body: did not arrive in time") from error
    except ClientDisconnect as error:
        raise InvalidRequest("body: did not arrive") from error
    return bytes(body)


def read_query(request: Request, kind: type[M]) -> M:
    """The request's query as a checked value. Raises: InvalidRequest naming the fields, a name that comes twice too."""
    pairs = request.query_params.multi_items()
    if len({name for name, _ in pairs}) < len(pairs):
        raise InvalidRequest("query: each name once")
    for name, value in pairs:
        # pydantic would also read `+1`, ` 1`, `1_0` and `1.0`.
        if name in kind.model_fields and _holds_int(kind.model_fields[name].annotation) and not DIGITS.fullmatch(value):
            raise InvalidRequest(f"{name}: a whole number, 0 or more")
    try:
        return kind.model_validate_strings(dict(pairs))
    except ValidationError as error:
        raise InvalidRequest(*problems_of(error)) from error


def _holds_int(annotation: object) -> bool:
    return annotation is int or any(_holds_int(each) for each in get_args(annotation))


def problems_of(error: ValidationError) -> list[str]:
    """`field: what is wrong`, from the model's own words. Values and names that the client made up are not repeated."""
    problems = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False)[:MOST_PROBLEMS]:
        where = ".".join(str(part) for part in problem["loc"])
        match problem["type"]:
            case "extra_forbidden":
                problems.append("a field that is not known here")
            case "json_invalid":
                problems.append("body: not JSON")
            case _:
                problems.append(f"{where or 'body'}: {problem['msg'].removeprefix('Value error, ')}")
    return problems
