"""Bodies: of requests, JSON that is bounded in size and time and checked field by field; and of answers."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from server.settings import Settings
from workspace.errors import InvalidRequest, TooLarge

MOST_PROBLEMS = 10


class Body(BaseModel):
    """What a request body is made of: no field more, no type bent."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Answer(BaseModel):
    """What an answer's JSON is made of: the description of the API is made from these."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)
]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_one_line), AfterValidator(_email)
]

M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, kind: type[M], settings: Settings) -> M:
    """The request's JSON as a checked value. Raises: InvalidRequest naming the fields, TooLarge.

    Only `application/json` is read: a page of another origin cannot send that without asking first, and is refused.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise InvalidRequest("content-type: application/json")
    body = bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > settings.max_body_bytes:
                    raise TooLarge(f"body: at most {settings.max_body_bytes} bytes")
    except TimeoutError as error:
        raise InvalidRequest("body: did not arrive in time") from error
    except ClientDisconnect as error:
        raise InvalidRequest("body: did not arrive") from error
    try:
        return kind.model_validate_json(bytes(body))
    except ValidationError as error:
        raise InvalidRequest(*problems_of(error)) from error


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
