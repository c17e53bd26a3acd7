"""boto3, behind a wall: its client and its errors go no further than the adapters of objects. Everything here blocks.

Importing boto3 takes most of a second: whoever imports this module does it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from storage.ports.s3_access import S3Access
from workspace.errors import Conflict, NotFound, ObjectsFull, ObjectsUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS = 3.0
SILENCE_SECONDS = 15.0
"""Without a byte in either direction. There is no limit to how long a large object may take."""
ABSENT = frozenset({"NoSuchKey", "NoSuchUpload", "NotFound", "404"})
FULL = frozenset({"InsufficientCapacity", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "507"})
CONFLICTS = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "InvalidPart", "InvalidPartOrder", "412"})


def make_client(access: S3Access, connections: int) -> S3Client:
    """A client that may be used from so many threads at once."""
    config = Config(
        signature_version="s3v4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=SILENCE_SECONDS,
        max_pool_connections=connections,
        # A write whose answer was lost would be refused the second time, as if somebody else had written.
        retries={"total_max_attempts": 1, "mode": "standard"},
        # We give SHA-256 where it counts; other checksums would only cost.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": access.addressing, "payload_signing_enabled": False},
        # A server of ours is on loopback, where no proxy of the environment leads.
        proxies={} if access.folder is not None else None,
    )
    return boto3.session.Session().client(
        "s3",
        endpoint_url=access.endpoint,
        region_name=access.region,
        aws_access_key_id=access.access_key,
        aws_secret_access_key=access.secret_key,
        config=config,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Raises: NotFound, Conflict, ObjectsFull, ObjectsUnavailable for what boto3 raises. Codes and classes are kept, no
    texts: they quote keys and addresses."""
    try:
        yield
    except ClientError as error:
        raise _translate(error) from error
    except BotoCoreError as error:
        raise ObjectsUnavailable(type(error).__name__) from error


def _translate(error: ClientError) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in ABSENT:
        return NotFound()
    if code in CONFLICTS:
        return Conflict(code)
    if code in FULL or status == 507:
        return ObjectsFull(code)
    return ObjectsUnavailable(code or str(status))
